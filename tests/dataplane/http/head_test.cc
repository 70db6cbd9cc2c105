// What heads promise: fields are found by name in any case.

#include "http/head.h"

#include <gtest/gtest.h>

#include <array>

namespace apim::http {
namespace {

TEST(Head, FindsTheFirstFieldOfANameInAnyCase) {
  std::array<Field, 3> fields{{{.name = "Api-Key", .value = "1"},
                               {.name = "API-KEY", .value = "2"},
                               {.name = "X", .value = "3"}}};
  RequestHead head;
  head.fields = fields;
  ASSERT_NE(head.find_or_null("api-key"), nullptr);
  EXPECT_EQ(head.find_or_null("api-key")->value, "1");
  EXPECT_EQ(head.find_or_null("api"), nullptr);
  EXPECT_EQ(head.find(FieldId::Host), nullptr);
}

TEST(Head, CaseIsIgnoredForLettersOnly) {
  EXPECT_TRUE(equals_ignoring_case("ABC-z", "abc-z"));
  EXPECT_FALSE(equals_ignoring_case("abc", "abcd"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

}  // namespace
}  // namespace apim::http
