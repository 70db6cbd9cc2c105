#include "compile/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace apim::compile {
namespace {

using testing::HasSubstr;

std::string why_not(std::string_view file, layout::Kind kind = layout::Kind::Keys) {
  std::string why;
  checked_payload(file, kind, 0, why);
  return why;
}

TEST(Segment, ItsNameIsTheHashOfTheWholeFile) {
  const SegmentFile file = make_segment(layout::Kind::Keys, 3, "payload");
  EXPECT_EQ(file.bytes.size(), 64U + 7U);
  EXPECT_EQ(file.ref.bytes, file.bytes.size());
  EXPECT_EQ(file.ref.digest, sha256(file.bytes));
  std::string why;
  EXPECT_EQ(checked_payload(file.bytes, layout::Kind::Keys, 0, why), "payload");
  EXPECT_EQ(why, "");
}

TEST(Segment, TheHeaderIsLaidOutAsDocumented) {
  const SegmentFile file = make_segment(layout::Kind::Keys, 3, "payload");
  EXPECT_EQ(file.bytes.substr(0, 4), "APIM");
  EXPECT_EQ(file.bytes.substr(4, 4), std::string("\1\0\0\0", 4));  // Major 1, minor 0.
  EXPECT_EQ(file.bytes[8], 6);                                     // Kind.
  EXPECT_EQ(file.bytes.substr(9, 7), std::string(7, '\0'));
  EXPECT_EQ(file.bytes.substr(16, 8), std::string("\7\0\0\0\0\0\0\0", 8));
  const layout::Digest hash = sha256("payload");
  EXPECT_EQ(std::memcmp(file.bytes.data() + 24, hash.data(), 32), 0);
  EXPECT_EQ(file.bytes.substr(56, 8), std::string(8, '\0'));
}

TEST(Segment, WhatIsWrongWithAFileIsSaid) {
  const std::string file = make_segment(layout::Kind::Keys, 0, "payload").bytes;
  EXPECT_THAT(why_not(file.substr(0, 40)), HasSubstr("cut short"));
  EXPECT_THAT(why_not("XPIM" + file.substr(4)), HasSubstr("not 'APIM'"));
  EXPECT_THAT(why_not(file, layout::Kind::Apis), HasSubstr("is of kind 'keys', expected 'apis'"));
  EXPECT_THAT(why_not(file + "x"), HasSubstr("should hold 7 bytes"));
  std::string newer = file;
  newer[4] = 2;
  EXPECT_THAT(why_not(newer), HasSubstr("schema major 2; this program reads 1"));
  std::string flipped = file;
  flipped.back() = 'x';
  EXPECT_THAT(why_not(flipped), HasSubstr("SHA-256"));
}

TEST(Segment, HexGoesBothWays) {
  const layout::Digest digest = sha256("a");
  layout::Digest back{};
  EXPECT_TRUE(from_hex(to_hex(digest), back));
  EXPECT_EQ(back, digest);
  EXPECT_FALSE(from_hex("12", back));
  EXPECT_FALSE(from_hex(std::string(63, '0') + "g", back));
}

}  // namespace
}  // namespace apim::compile
