// Trees: how YAML and JSON are typed, where lines come from, what is refused.

#include "import/tree.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

using Json = nlohmann::ordered_json;

Json yaml(const std::string& text) {
  const auto tree = read_tree(text, "f.yaml");
  EXPECT_TRUE(tree.has_value()) << told(tree.error());
  return tree.has_value() ? tree->value : Json();
}

std::string refused(const std::string& text, const std::string& file,
                    const TreeBounds& bounds = {}) {
  const auto tree = read_tree(text, file, syntax_of(file, text), bounds);
  EXPECT_FALSE(tree.has_value()) << text;
  return tree.has_value() ? "" : told(tree.error());
}

TEST(Tree, PlainScalarsAreTypedAndQuotedOnesAreNot) {
  EXPECT_EQ(yaml("[true, False, null, ~, 12, -3, 1.5, 1e3, .5]"),
            Json::parse(R"([true, false, null, null, 12, -3, 1.5, 1000.0, ".5"])"));
  EXPECT_EQ(
      yaml("['true', \"12\", '~', yes, no, on, off, 007, 0x1F, 1_000, 2024-01-01, 1.2.3, .inf]"),
      Json::parse(
          R"(["true", "12", "~", "yes", "no", "on", "off", "007", "0x1F", "1_000",
              "2024-01-01", "1.2.3", ".inf"])"));
  EXPECT_EQ(yaml("a: !!str 12\nb:\nc: |\n  x\n  y\n"),
            Json::parse(R"({"a": "12", "b": null, "c": "x\ny\n"})"));
  EXPECT_EQ(yaml("18446744073709551615"), Json(UINT64_MAX));
  EXPECT_EQ(yaml("18446744073709551616"), Json("18446744073709551616"));
}

TEST(Tree, MembersKeepTheirOrder) {
  const Json value = yaml("b: 1\na: 2\nc: 3\n");
  EXPECT_EQ(value.dump(), R"({"b":1,"a":2,"c":3})");
}

TEST(Tree, LinesAreThoseOfTheNames) {
  const std::string text = "a:\n  b: 1\n  c:\n    - x\n    - y: 2\n";
  const auto tree = read_tree(text, "f.yaml");
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->line_of("/a/b"), 2U);
  EXPECT_EQ(tree->line_of("/a/c"), 3U);
  EXPECT_EQ(tree->line_of("/a/c/0"), 4U);
  EXPECT_EQ(tree->line_of("/a/c/1/y"), 5U);
  EXPECT_EQ(tree->line_of("/a/c/1/missing/deeper"), 5U);
  EXPECT_EQ(tree->line_of("/nothing"), 1U);
  EXPECT_EQ(tree->locate("/a/b"), "f.yaml:2: ");
}

TEST(Tree, LinesOfJsonAreCountedToo) {
  const auto tree =
      read_tree("{\n \"a\": 1,\n \"b\": [\n  12\n ,\n  {\"c\": \"x\"}]\n}\n", "f.json");
  ASSERT_TRUE(tree.has_value()) << told(tree.error());
  EXPECT_EQ(tree->line_of("/a"), 2U);
  EXPECT_EQ(tree->line_of("/b"), 3U);
  EXPECT_EQ(tree->line_of("/b/0"), 4U);
  EXPECT_EQ(tree->line_of("/b/1/c"), 6U);
  EXPECT_EQ(tree->value["b"][1]["c"], "x");
}

TEST(Tree, VersionsKeepTheirZeros) {
  for (const char* const file : {"f.yaml", "f.json"}) {
    auto tree = read_tree("{\"a\": 1.10, \"b\": 1.0, \"c\": 2.5}", file);
    ASSERT_TRUE(tree.has_value());
    tree->restore_spelling();
    EXPECT_EQ(tree->value["a"], "1.10");
    EXPECT_EQ(tree->value["b"], 1.0);
    EXPECT_EQ(tree->value["c"], 2.5);
  }
}

TEST(Tree, AliasesStandForWhatTheyName) {
  EXPECT_EQ(yaml("a: &x {k: [1, 2]}\nb: *x\n"),
            Json::parse(R"({"a": {"k": [1, 2]}, "b": {"k": [1, 2]}})"));
}

TEST(Tree, JsonEscapesAndSurrogatesWork) {
  const auto tree = read_tree(R"({"a": "\ud83d\ude00\/\u0041"})", "f.json");
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->value["a"], "\xF0\x9F\x98\x80/A");
}

TEST(Tree, WindowsLineEndsAndAMarkAreFine) {
  EXPECT_EQ(yaml("\xEF\xBB\xBF"
                 "a: 1\r\nb: x\r\n"),
            Json::parse(R"({"a": 1, "b": "x"})"));
}

TEST(Tree, BoundsAreRefusedWithALine) {
  EXPECT_THAT(refused("[1, 2, 3]", "f.yaml", {.nodes_max = 3}), testing::HasSubstr("f.yaml:1:"));
  EXPECT_THAT(refused("[[[1]]]", "f.json", {.depth_max = 2}),
              testing::HasSubstr("nests deeper than 2"));
  EXPECT_THAT(refused("a: xxxxxxxxxx", "f.yaml", {.text_bytes_max = 5}),
              testing::HasSubstr("5 bytes of text"));
  EXPECT_THAT(refused("a: xxxxxxxxxx", "f.yaml", {.bytes_max = 5}),
              testing::HasSubstr("at most 5 are read"));
}

TEST(Tree, AnchorsCannotMultiplyMemory) {
  std::string text = "x: &a [1, 2, 3, 4, 5, 6, 7, 8]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    text += std::string(1, c) + "1: &" + c + " [*" + static_cast<char>(c - 1) + ", *" +
            static_cast<char>(c - 1) + "]\n";
  }
  EXPECT_THAT(refused(text, "f.yaml"), testing::HasSubstr("aliases are expanded"));
}

TEST(Tree, OddInputIsRefusedAndNothingElseHappens) {
  for (const char* const text :
       {"{a: 1", "a: b: c", "[1, 2", "\"abc", "a: *nothing", "? [x]\n: 1", "? {a: 1}\n: 1",
        "- a\nb: 1", "&a [*a]", "%YAML 9\n---\na", "~: 1", "*a : 1", "a: !<x> 1"}) {
    refused(text, "f.yaml");
  }
  for (const char* const text : {"{", "{]", "{\"a\" 1}", "[1,]", "nul", "\"\\ud800\"", "1e999",
                                 "{\"a\": 1} x", "\"\x01\""}) {
    refused(text, "f.json");
  }
}

TEST(Tree, TheLocatorFollowsWhatWasReplaced) {
  const auto api = read_tree("data:\n  a: 1\n  b: { c: 2 }\n", "api.yaml");
  const auto params = read_tree("x:\n  y:\n    c: 3\n", "params.yaml");
  TreeLocator locator(*api, "/data");
  locator.replace("/b", *params, "/x/y");
  EXPECT_EQ(locator.locate("/a"), "api.yaml:2: ");
  EXPECT_EQ(locator.locate("/b"), "params.yaml:2: ");
  EXPECT_EQ(locator.locate("/b/c"), "params.yaml:3: ");
}

TEST(Tree, SyntaxFollowsTheNameThenTheText) {
  EXPECT_EQ(syntax_of("a.json", "x"), Syntax::Json);
  EXPECT_EQ(syntax_of("a.yaml", "{"), Syntax::Yaml);
  EXPECT_EQ(syntax_of("definition", " {"), Syntax::Json);
  EXPECT_EQ(syntax_of("definition", "openapi: 3"), Syntax::Yaml);
}

}  // namespace
}  // namespace apim::import
