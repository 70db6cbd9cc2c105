// What a Change promises: the difference a publisher would name.

#include "cli/change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apim::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json api(const std::vector<json>& operations) {
  return {{"id", "1"}, {"name", "Pizza"}, {"policies", {"Gold"}}, {"operations", operations}};
}

json operation(const char* verb, const char* target, const char* policy = "Unlimited") {
  return {{"id", "x"}, {"verb", verb}, {"target", target}, {"throttlingPolicy", policy}};
}

TEST(Change, ANewApiIsCreatedWithAllItsOperations) {
  const Change change = compare_apis(nullptr, api({operation("GET", "/a")}));
  EXPECT_TRUE(change.created);
  EXPECT_THAT(change.added, ElementsAre("GET /a"));
  EXPECT_THAT(change.fields, IsEmpty());
}

TEST(Change, TheSameIsEmpty) {
  json after = api({operation("GET", "/a")});
  after["lastUpdatedTime"] = "later";
  after["operations"][0]["id"] = "y";
  EXPECT_TRUE(compare_apis(api({operation("GET", "/a")}), after).empty());
}

TEST(Change, OperationsAreAddedRemovedAndChanged) {
  const Change change =
      compare_apis(api({operation("GET", "/a"), operation("GET", "/b")}),
                   api({operation("GET", "/b", "10KPerMin"), operation("POST", "/a")}));
  EXPECT_THAT(change.added, ElementsAre("POST /a"));
  EXPECT_THAT(change.removed, ElementsAre("GET /a"));
  EXPECT_THAT(change.changed, ElementsAre("GET /b (throttlingPolicy)"));
}

TEST(Change, OtherFieldsAreNamed) {
  json after = api({});
  after["policies"] = {"Silver"};
  after["tags"] = {"food"};
  EXPECT_THAT(compare_apis(api({}), after).fields, ElementsAre("policies", "tags"));
}

TEST(Change, TheOrderOfOperationsDoesNotMatter) {
  EXPECT_TRUE(compare_apis(api({operation("GET", "/a"), operation("GET", "/b")}),
                           api({operation("GET", "/b"), operation("GET", "/a")}))
                  .empty());
}

}  // namespace
}  // namespace apim::cli
