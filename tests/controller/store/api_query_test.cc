// WSO2's search text.

#include "store/api_query.h"

#include <gtest/gtest.h>

namespace apim::store {
namespace {

std::vector<std::string> values_of(const std::string& query) {
  const auto where = parse_api_query(query);
  if (!where) return {"refused: " + where.error().description};
  std::vector<std::string> texts;
  for (const Value& value : where->values) texts.push_back(std::get<std::string>(value));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(ApiQuery, NothingAskedMatchesEverything) {
  EXPECT_EQ(values_of(""), Texts{});
  EXPECT_EQ(values_of("  "), Texts{});
}

TEST(ApiQuery, EachTermIsOneBoundValue) {
  EXPECT_EQ(values_of("name:Pizza version:1.0.0"), (Texts{"%pizza%", "1.0.0"}));
  EXPECT_EQ(values_of("context:/p tag:Food provider:bob status:PUBLISHED"),
            (Texts{"%/p%", "food", "%bob%", "published"}));
}

TEST(ApiQuery, FreeWordsLookAtTheName) {
  EXPECT_EQ(values_of("Shack x"), (Texts{"%shack%", "%x%"}));
}

TEST(ApiQuery, QuotesMakeTheWholeValue) {
  EXPECT_EQ(values_of("name:\"Pizza Shack\" version:\"1\""), (Texts{"pizza shack", "1"}));
  EXPECT_EQ(values_of("name:\"unfinished"), (Texts{"unfinished"}));
}

TEST(ApiQuery, AStarIsAnyRun) { EXPECT_EQ(values_of("name:piz*"), (Texts{"piz%"})); }

TEST(ApiQuery, AnUnknownKeyIsNamed) {
  const auto where = parse_api_query("colour:red");
  ASSERT_FALSE(where.has_value());
  EXPECT_EQ(where.error().http_status, 400);
  EXPECT_NE(where.error().description.find("'colour'"), std::string::npos);
}

TEST(ApiQuery, AnInjectionIsJustAValue) {
  EXPECT_EQ(values_of("name:';DROP"), (Texts{"%';drop%"}));
}

}  // namespace
}  // namespace apim::store
