// Names of files a project may have.

#include "import/path.h"

#include <gtest/gtest.h>

namespace apim::import {
namespace {

TEST(Path, PlainRelativeNamesAreFine) {
  for (const char* const path : {"api.yaml", "Docs/A b/c.pdf", "a..b/...", "\xC3\xA9/x"})
    EXPECT_EQ(why_not_path(path, {}), "") << path;
}

TEST(Path, WhateverCouldLeaveTheProjectIsRefused) {
  for (const char* const path : {"", "/a", "..", "../a", "a/..", "a/../b", "./a", "a//b", "a/",
                                 "C:a", "C:/a", "a\\b", "a\nb", "a\x7f"}) {
    EXPECT_NE(why_not_path(path, {}), "") << path;
  }
  EXPECT_NE(why_not_path(std::string(600, 'a'), {}), "");
  EXPECT_NE(why_not_path("a/b/c", {.depth_max = 1}), "");
  EXPECT_EQ(why_not_path("a/b/c", {.depth_max = 2}), "");
}

TEST(Path, IsShownWithoutControlCharacters) {
  EXPECT_EQ(shown_path("a\nb\x7f\xFF"), "a?b??");
  EXPECT_EQ(shown_path(std::string(1000, 'a')).size(), 200U);
}

}  // namespace
}  // namespace apim::import
