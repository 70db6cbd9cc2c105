// What escaping promises: valid JSON out of any bytes, nothing lost that is text.

#include "observe/escape.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace apim::observe {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_json(out, text);
  return out;
}

TEST(Escape, PlainTextAndUtf8Stay) {
  EXPECT_EQ(escaped(""), "\"\"");
  EXPECT_EQ(escaped("/pets?"), "\"/pets?\"");
  EXPECT_EQ(escaped("grün €  𝄞"), "\"grün €  𝄞\"");
}

TEST(Escape, QuotesAndControlBytesAreEscaped) {
  EXPECT_EQ(escaped("\"\\\n\r\t\x01\x1b\x7f"), "\"\\\"\\\\\\n\\r\\t\\u0001\\u001b\\u007f\"");
  EXPECT_EQ(escaped(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(Escape, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
  EXPECT_EQ(escaped("a\xff"), "\"a\\ufffd\"");
  EXPECT_EQ(escaped("\xc0\x80"), "\"\\ufffd\\ufffd\"");             // Overlong.
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");  // A surrogate.
  EXPECT_EQ(escaped("\xf4\x90\x80\x80").size(), 2u + 4 * 6);        // Above U+10FFFF.
  EXPECT_EQ(escaped("\xe2\x82"), "\"\\ufffd\\ufffd\"");             // Cut short.
}

TEST(Escape, TooLittleRoomEndsBetweenEscapes) {
  std::array<char, 16> out;
  const Escaped cut = escape_json("abc\n\n", out.data(), 6);
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(std::string_view(out.data(), cut.bytes), "abc\\n");
  const Escaped whole = escape_json("abc\n", out.data(), 5);
  EXPECT_TRUE(whole.complete);
  EXPECT_EQ(escape_json("€", out.data(), 2).bytes, 0u);
}

TEST(Escape, AnyBytesMakeJsonThatReadsBack) {
  std::minstd_rand random(1);
  for (int round = 0; round < 2'000; ++round) {
    std::string text(random() % 20, ' ');
    for (char& c : text) c = static_cast<char>(random());
    const auto parsed = nlohmann::json::parse(escaped(text), nullptr, false);
    ASSERT_TRUE(parsed.is_string()) << escaped(text);
    const std::string read = parsed.get<std::string>();
    const bool was_replaced = read.find("\xef\xbf\xbd") != std::string::npos;
    if (!was_replaced) {
      ASSERT_EQ(read, text);
    }
  }
}

}  // namespace
}  // namespace apim::observe
