// What the canonical target promises: one path for what is the same, a refusal for what could be
// read twice.

#include "http/target.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace apim::http {
namespace {

std::string path_of(std::string_view raw) {
  Arena arena;
  const auto target = canonical_target(raw, arena);
  return target ? std::string(target->path) : "refused";
}

TEST(Target, SamePathsBecomeOne) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/a/b/", "/a/b/"},
      {"//", "/"},
      {"//a", "/a"},
      {"/a//b", "/a/b"},
      {"/a///", "/a/"},
      {"/./a", "/a"},
      {"/a/.", "/a/"},
      {"/a/./b", "/a/b"},
      {"/a/../b", "/b"},
      {"/a/b/..", "/a/"},
      {"/a/b/../..", "/"},
      {"/%61", "/a"},
      {"/%7e", "/~"},
      {"/%2e%2e/", "refused"},
      {"/a/%2E%2e/b", "/b"},
      {"/a/%2e/b", "/a/b"},
      {"/a%20b", "/a%20b"},
      {"/a%c3%a4", "/a%C3%A4"},
      {"/a%3Bb", "/a%3Bb"},
      {"/a;x=y", "/a;x=y"},
      {"/...", "/..."},
      {"/..a", "/..a"},
      {"/.a", "/.a"},
      {"/a.", "/a."},
      {"/a/..b/c", "/a/..b/c"},
      {"/%252e", "/%252e"},
      {"/a//../b", "/b"},
      {"/[x]", "/[x]"},
  };
  for (const auto& [raw, canonical] : cases) EXPECT_EQ(path_of(raw), canonical) << raw;
}

TEST(Target, WhatCouldBeReadTwiceIsRefused) {
  for (const char* raw : {"",
                          "a",
                          "*",
                          "/..",
                          "/../a",
                          "/a/../..",
                          "/a/../../b",
                          "/%2e%2e",
                          "/pub%2f..%2fadmin",
                          "/a%2F",
                          "/a%5cb",
                          "/a%5C",
                          "/a\\b",
                          "/a%00",
                          "/a%0d%0a",
                          "/a%0A",
                          "/a%",
                          "/a%z",
                          "/a%zz",
                          "/a%4",
                          "/a#f",
                          "/a<b",
                          "/a>b",
                          "/a\"b",
                          "/a{b",
                          "/a}b",
                          "/a|b",
                          "/a^b",
                          "/a`b",
                          "/a b",
                          "/a\x01",
                          "/a\x7f",
                          "/a\x80",
                          "/pub/..;/admin",
                          "/pub/.;x/admin",
                          "/pub/%2e%2e;/x",
                          "/..;"}) {
    EXPECT_EQ(path_of(raw), "refused") << raw;
  }
}

TEST(Target, TheQueryStaysAsSent) {
  Arena arena;
  const auto target = canonical_target("/a/../b?x=%2F/../%61&y[]=1?z", arena);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/b");
  EXPECT_TRUE(target->has_query);
  EXPECT_EQ(target->query, "x=%2F/../%61&y[]=1?z");
  const auto empty = canonical_target("/a?", arena);
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->has_query);
  EXPECT_EQ(empty->query, "");
  EXPECT_EQ(canonical_target("/a", arena)->has_query, false);
}

TEST(Target, AQueryWithForbiddenBytesIsRefused) {
  for (const char* raw : {"/a?b#c", "/a?%", "/a?%zz", "/a?%00", "/a?\x80", "/a? ", "/a?<", "/a?\"",
                          "/a?{}", "/a?\\"}) {
    EXPECT_EQ(path_of(raw), "refused") << raw;
  }
}

// Property: canonical paths are fixed points.
TEST(Target, CanonicalIsCanonical) {
  uint32_t state = 1;
  const std::string_view alphabet = "/.a%2eE;-~5";
  for (int round = 0; round < 50'000; ++round) {
    std::string raw = "/";
    for (int i = 0; i < 12; ++i) {
      state = state * 1664525 + 1013904223;
      raw += alphabet[(state >> 16) % alphabet.size()];
    }
    const std::string once = path_of(raw);
    if (once == "refused") continue;
    ASSERT_EQ(path_of(once), once) << raw;
    ASSERT_EQ(once.find("//"), std::string::npos) << raw;
    ASSERT_EQ(once.find("/../"), std::string::npos) << raw;
    ASSERT_EQ(once.find("/./"), std::string::npos) << raw;
  }
}

}  // namespace
}  // namespace apim::http
