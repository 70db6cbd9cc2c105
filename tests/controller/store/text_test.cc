// What may be stored, and the forms values take.

#include "store/text.h"

#include <gtest/gtest.h>

#include <array>

namespace apim::store {
namespace {

TEST(Text, WellFormedUtf8MayBeStored) {
  for (const char* text : {"", "plain",
                           "Gr\xc3\xbc\xc3\x9f"
                           "e",
                           "\xe6\xbc\xa2", "\xf0\x9f\x8d\x95"}) {
    EXPECT_TRUE(is_storable_text(text)) << text;
  }
}

TEST(Text, BrokenUtf8MayNotBeStored) {
  using std::string_view;
  for (const string_view text :
       {string_view("\0", 1), string_view("a\0b", 3), string_view("\x80"), string_view("\xc3"),
        string_view("\xc0\x80"), string_view("\xe0\x80\x80"), string_view("\xed\xa0\x80"),
        string_view("\xf4\x90\x80\x80"), string_view("\xff"), string_view("\xc3(")}) {
    EXPECT_FALSE(is_storable_text(text));
  }
}

TEST(Text, HexGoesBothWays) {
  const std::array<uint8_t, 3> bytes{0x00, 0xab, 0xff};
  EXPECT_EQ(to_hex(bytes), "00abff");
  std::array<uint8_t, 3> back{};
  EXPECT_TRUE(from_hex("00abff", back));
  EXPECT_EQ(back, bytes);
}

TEST(Text, HexOfAnotherLengthOrWithOtherDigitsIsRefused) {
  std::array<uint8_t, 2> bytes{};
  for (const char* hex : {"", "0", "00112", "001122", "00zz", "00AB"}) {
    EXPECT_FALSE(from_hex(hex, bytes)) << hex;
  }
}

TEST(Text, LikePatternsTakeNothingLiterallyButTheStar) {
  EXPECT_EQ(like_pattern("Pizza", true), "%pizza%");
  EXPECT_EQ(like_pattern("Pizza", false), "pizza");
  EXPECT_EQ(like_pattern("pi*a", true), "pi%a");
  EXPECT_EQ(like_pattern("50%_!", false), "50!%!_!!");
}

}  // namespace
}  // namespace apim::store
