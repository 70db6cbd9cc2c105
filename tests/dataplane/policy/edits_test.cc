// What Edits promise: a name stands once, the last word wins, and a full list says so.

#include "policy/edits.h"

#include <gtest/gtest.h>

#include <string>

namespace apim::policy {
namespace {

TEST(Edits, ALaterEditOfANameReplacesTheEarlier) {
  Shape shape;
  Edits edits(shape.request_edits, shape.request_edit_count);
  EXPECT_TRUE(edits.set("X-A", "1"));
  EXPECT_TRUE(edits.remove("x-a"));
  EXPECT_EQ(shape.request_edit_count, 1);
  EXPECT_TRUE(shape.request_edits[0].removes);
  EXPECT_TRUE(edits.append("X-a", "2"));
  EXPECT_EQ(shape.request_edit_count, 1);
  EXPECT_TRUE(shape.request_edits[0].appends);
  EXPECT_FALSE(shape.request_edits[0].removes);
}

TEST(Edits, AFullListRefusesNewNamesOnly) {
  Shape shape;
  Edits edits(shape.request_edits, shape.request_edit_count);
  std::array<std::string, Shape::kEditsMax> names;
  for (size_t i = 0; i < names.size(); ++i) {
    names[i] = "X-" + std::to_string(i);
    EXPECT_TRUE(edits.set(names[i], "v"));
  }
  EXPECT_FALSE(edits.set("X-New", "v"));
  EXPECT_TRUE(edits.set("X-0", "w"));
}

}  // namespace
}  // namespace apim::policy
