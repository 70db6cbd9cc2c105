// What the text comparisons promise.

#include "exchange/text.h"

#include <gtest/gtest.h>

#include <string>

namespace apim {
namespace {

TEST(Text, NamesAreComparedWithoutCase) {
  EXPECT_TRUE(is_same_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(is_same_ignoring_case("Content-Type", "Content-Typ"));
  EXPECT_FALSE(is_same_ignoring_case("a[", "a{")) << "only letters have a case";
}

TEST(Text, AStarMatchesAnyRun) {
  EXPECT_TRUE(matches_glob("https://a.example/x", "https://*.example/*"));
  EXPECT_TRUE(matches_glob("abc", "*"));
  EXPECT_TRUE(matches_glob("", "*"));
  EXPECT_TRUE(matches_glob("abab", "*ab"));
  EXPECT_TRUE(matches_glob("axbxc", "a*b*c"));
  EXPECT_FALSE(matches_glob("axbx", "a*b*c"));
  EXPECT_FALSE(matches_glob("abc", ""));
  EXPECT_TRUE(matches_glob("", ""));
  EXPECT_FALSE(matches_glob("aXc", "abc"));
}

TEST(Text, AHostilePatternStaysCheap) {
  const std::string text(8192, 'a');
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(matches_glob(text, pattern + "b"));
}

}  // namespace
}  // namespace apim
