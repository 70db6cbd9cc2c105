// The builder by itself: places, lines and bounds, whoever sends the events.

#include "import/tree_builder.h"

#include <gtest/gtest.h>

namespace apim::import {
namespace {

TEST(TreeBuilder, PutsValuesWhereTheyBelong) {
  Tree tree;
  const TreeBounds bounds;
  TreeBuilder builder(tree, bounds);
  builder.begin(true, 1, 0);
  builder.key("a/b", 2);
  builder.begin(false, 3, 0);
  builder.scalar(1, 4, 0);
  builder.scalar("x", 5, 0);
  builder.end();
  builder.key("c", 6);
  builder.scalar(nullptr, 6, 0);
  builder.end();
  EXPECT_EQ(tree.value.dump(), R"({"a/b":[1,"x"],"c":null})");
  EXPECT_EQ(tree.lines.at("/a~1b"), 2U);
  EXPECT_EQ(tree.lines.at("/a~1b/1"), 5U);
  EXPECT_EQ(tree.lines.at("/c"), 6U);
}

TEST(TreeBuilder, ThrowsAtTheSecondMemberOfAName) {
  Tree tree;
  const TreeBounds bounds;
  TreeBuilder builder(tree, bounds);
  builder.begin(true, 1, 0);
  builder.key("a", 1);
  builder.scalar(1, 1, 0);
  try {
    builder.key("a", 7);
    FAIL();
  } catch (const TreeFault& fault) {
    EXPECT_EQ(fault.line, 7U);
  }
}

TEST(TreeBuilder, CountsAnchoredValuesAgainWhereTheyAreUsed) {
  Tree tree;
  const TreeBounds bounds{.nodes_max = 10};
  TreeBuilder builder(tree, bounds);
  builder.begin(false, 1, 0);
  builder.begin(false, 1, 1);
  builder.scalar(1, 1, 0);
  builder.scalar(2, 1, 0);
  builder.end();
  builder.alias(1, 2);
  EXPECT_THROW(builder.alias(1, 3), TreeFault);
  EXPECT_THROW(builder.alias(2, 3), TreeFault);
}

}  // namespace
}  // namespace apim::import
