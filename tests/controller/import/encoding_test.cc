// What counts as text.

#include "import/encoding.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

TEST(Encoding, Utf8PassesWithoutItsMark) {
  EXPECT_EQ(decode_utf8("\xEF\xBB\xBF"
                        "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
                        "f")
                .value(),
            "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(decode_utf8("", "f").value(), "");
}

TEST(Encoding, WhatIsNotUtf8IsRefusedWithItsLine) {
  for (const char* const bytes :
       {"a\n\xC3", "a\n\xC0\x80", "a\n\xED\xA0\x80", "a\n\xF4\x90\x80\x80", "a\n\x80",
        "a\n\xE2\x82", "a\n\xF8\x88\x80\x80\x80"}) {
    const auto result = decode_utf8(bytes, "f.yaml");
    ASSERT_FALSE(result.has_value());
    EXPECT_THAT(told(result.error()), testing::HasSubstr("f.yaml:2: holds the byte 0x"));
  }
}

TEST(Encoding, WideTextIsNamed) {
  for (const std::string& bytes :
       {std::string("\xFF\xFE"
                    "a\0",
                    4),
        std::string("\xFE\xFF\0a", 4), std::string("a\0b\0", 4), std::string("\0a\0b", 4)}) {
    EXPECT_THAT(told(decode_utf8(bytes, "f").error()), testing::HasSubstr("UTF-16"));
  }
  EXPECT_THAT(told(decode_utf8(std::string("abc\0", 4), "f").error()), testing::HasSubstr("NUL"));
}

}  // namespace
}  // namespace apim::import
