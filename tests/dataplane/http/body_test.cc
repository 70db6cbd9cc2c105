// What bodies promise: chunk framing is read strictly and the same for any split; nothing of it
// leaks into content.

#include "http/body.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace apim::http {
namespace {

struct Outcome {
  bool is_refused = false;
  bool is_ended = false;
  std::string content;
  size_t rest_bytes = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view text, size_t step, Framing framing = Framing::Chunked,
             uint64_t length = 0) {
  BodyReader reader;
  reader.start(framing, length);
  Outcome outcome;
  while (!text.empty() && !reader.is_ended()) {
    std::string_view piece = text.substr(0, step);
    text.remove_prefix(piece.size());
    while (!piece.empty() && !reader.is_ended()) {
      const auto content = reader.next(piece);
      if (!content) {
        outcome.is_refused = true;
        return outcome;
      }
      outcome.content += *content;
    }
    outcome.rest_bytes = piece.size() + text.size();
  }
  outcome.is_ended = reader.is_ended();
  return outcome;
}

TEST(Body, GoodChunksAreReadHoweverTheyAreSplit) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"0\r\n\r\n", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
      {"00000000000000A\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
      {"a;x=y;z\r\n0123456789\r\n0;last\r\n\r\n", "0123456789"},
      {"1\r\na\r\n0\r\nTrailer: x\r\nHost: 7\r\n\r\n", "a"},
  };
  for (const auto& [text, content] : cases) {
    for (size_t step = 1; step <= text.size() + 4; ++step) {
      const Outcome outcome = read(text + "next", step);
      EXPECT_FALSE(outcome.is_refused) << text;
      EXPECT_TRUE(outcome.is_ended) << text;
      EXPECT_EQ(outcome.content, content) << text << " by " << step;
      EXPECT_EQ(outcome.rest_bytes, 4U) << text << " by " << step;
    }
  }
}

TEST(Body, SmallChunksPassPaddedOnesDoNot) {
  std::string small;
  std::string padded;
  for (int i = 0; i < 20'000; ++i) {
    small += "1\r\na\r\n";
    padded += "0000000000000001\r\na\r\n";
  }
  EXPECT_TRUE(read(small + "0\r\n\r\n", 4096).is_ended);
  EXPECT_TRUE(read(padded, 4096).is_refused);
}

TEST(Body, BadChunksAreRefusedHoweverTheyAreSplit) {
  const std::vector<std::string> cases{
      "+5\r\nhello\r\n0\r\n\r\n",
      "0\r\nA: b\r\ncontent-length: 7\r\n\r\n",
      "0\r\nTransfer_Encoding: chunked\r\n\r\n",
      "-5\r\n",
      "0x5\r\n",
      " 5\r\n",
      "5_0\r\n",
      "Z\r\n",
      "\r\n",
      ";a\r\n",
      "5 \r\nhello\r\n",
      "5\t\r\nhello\r\n",
      "5\nhello\r\n",
      "5\rXhello\r\n",
      "5;\r\nhello\r\n",
      "5;a\nhello\r\n",
      std::string("5;a\0b\r\nhello\r\n", 14),
      "5;a\x01\r\n",
      "5;a b\r\n",
      "5;a\r\r\nhello\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhelloXX0\r\n\r\n",
      "5\r\nhello!\r\n0\r\n\r\n",
      "10000000000000005\r\n",
      "00000000000000000\r\n",
      "5;" + std::string(257, 'e') + "\r\n",
      "0\r\n Folded: x\r\n\r\n",
      "0\r\nNoColon\r\n\r\n",
      "0\r\n\n",
      "0\r\n\rX",
      "0\r\nA: b\n\r\n",
  };
  for (const std::string& text : cases) {
    for (size_t step = 1; step <= text.size(); ++step)
      EXPECT_TRUE(read(text, step).is_refused) << text << " by " << step;
  }
}

TEST(Body, ExtensionsOfAWholeBodyAreBounded) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "1;" + std::string(250, 'e') + "\r\nx\r\n";
  EXPECT_TRUE(read(text + "0\r\n\r\n", text.size()).is_refused);
}

TEST(Body, ALengthEndsExactlyThere) {
  EXPECT_EQ(read("hellonext", 3, Framing::Length, 5),
            (Outcome{.is_refused = false, .is_ended = true, .content = "hello", .rest_bytes = 4}));
  EXPECT_FALSE(read("hell", 1, Framing::Length, 5).is_ended);
  BodyReader reader;
  reader.start(Framing::Length, 0);
  EXPECT_TRUE(reader.is_ended());
  reader.start(Framing::None, 0);
  EXPECT_TRUE(reader.is_ended());
}

TEST(Body, UntilCloseTakesEverything) {
  const Outcome outcome = read("0\r\n\r\nall of it", 4, Framing::UntilClose);
  EXPECT_EQ(outcome.content, "0\r\n\r\nall of it");
  EXPECT_FALSE(outcome.is_ended);
}

TEST(Body, APipeKeepsOrderAndGivesItsMemoryBack) {
  Pipe pipe;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    pipe.append(piece);
    expected += piece;
    if (i % 3 == 0) {
      pipe.consume(2);
      expected.erase(0, 2);
    }
    ASSERT_EQ(pipe.view(), expected);
  }
  pipe.consume(pipe.size());
  EXPECT_TRUE(pipe.empty());
  EXPECT_EQ(pipe.view().size(), 0U);
}

}  // namespace
}  // namespace apim::http
