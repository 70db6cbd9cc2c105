// What the writer promises: heads as RFC 9112 has them, and no byte in them that could start
// another line.

#include "http/h1_writer.h"

#include <gtest/gtest.h>

#include <span>

namespace apim::http {
namespace {

TEST(H1Writer, WritesARequest) {
  std::array<char, 256> room;
  HeadWriter head(room);
  head.request_line(Method::Get, "/base", "/a", "b=c");
  head.field("Host", "h");
  head.joined_field("X-Forwarded-For", "1.1.1.1", "2.2.2.2");
  head.joined_field("X-Other", "", "x");
  head.number_field("Content-Length", 42);
  head.end();
  ASSERT_TRUE(head.is_good());
  EXPECT_EQ(
      head.text(),
      "GET /base/a?b=c HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1, 2.2.2.2\r\nX-Other: x\r\n"
      "Content-Length: 42\r\n\r\n");
}

TEST(H1Writer, WritesAResponseWithItsOwnPhrase) {
  std::array<char, 256> room;
  HeadWriter head(room);
  head.status_line(404);
  head.end();
  EXPECT_EQ(head.text(), "HTTP/1.1 404 Not Found\r\n\r\n");
}

TEST(H1Writer, RefusesWhatCouldSplitAHead) {
  for (const std::string_view value :
       {std::string_view("a\r\nX: y"), std::string_view("a\n"), std::string_view("a\0b", 3),
        std::string_view("a\x7f"), std::string_view("a\x01")}) {
    std::array<char, 256> room;
    HeadWriter head(room);
    head.field("X", value);
    EXPECT_FALSE(head.is_good());
    EXPECT_EQ(head.text(), "");
    HeadWriter joined(room);
    joined.joined_field("X", "a", value);
    EXPECT_FALSE(joined.is_good());
  }
  for (const std::string_view name : {"", "a b", "a:", "a\r\n", "\xe4"}) {
    std::array<char, 256> room;
    HeadWriter head(room);
    head.named_field(name, "x");
    EXPECT_FALSE(head.is_good()) << name;
  }
  for (const std::string_view target : {"/a b", "/a\r\n", "/a\t", "/\x80", ""}) {
    std::array<char, 256> room;
    HeadWriter head(room);
    head.request_line(Method::Get, "", target, "");
    EXPECT_FALSE(head.is_good()) << target;
  }
}

TEST(H1Writer, OverflowIsARefusal) {
  for (size_t size = 0; size < 30; ++size) {
    std::array<char, 64> room;
    HeadWriter head(std::span<char>(room).first(size));
    head.status_line(200);
    head.field("Name", "value");
    head.end();
    EXPECT_FALSE(head.is_good()) << size;
    EXPECT_LE(head.text().size(), size);
  }
}

TEST(H1Writer, NumbersAndChunkLines) {
  std::array<char, 20> room;
  EXPECT_EQ(decimal(0, room), "0");
  EXPECT_EQ(decimal(UINT64_MAX, room), "18446744073709551615");
  EXPECT_EQ(chunk_line(26, room), "1a\r\n");
  EXPECT_EQ(chunk_line(UINT64_MAX, room), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace apim::http
