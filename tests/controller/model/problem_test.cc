// The usual problems, and the macros that hand them up.

#include "model/problem.h"

#include <gtest/gtest.h>

namespace apim::model {
namespace {

TEST(Problem, EachHasItsStatus) {
  EXPECT_EQ(bad_request(1, "a", "b").http_status, 400);
  EXPECT_EQ(unauthorized("b").http_status, 401);
  EXPECT_EQ(forbidden("b").http_status, 403);
  EXPECT_EQ(not_found(1, "b").http_status, 404);
  EXPECT_EQ(conflict(1, "a", "b").http_status, 409);
  EXPECT_EQ(internal_error("b").http_status, 500);
  EXPECT_EQ(internal_error("b").code, 900967);
}

TEST(Problem, NotFoundNamesTheThing) {
  EXPECT_EQ(not_found(900308, "API 'pizza' 1.0.0").description, "API 'pizza' 1.0.0 does not exist");
}

TEST(Problem, InvalidListsEveryFinding) {
  const Problem problem = invalid(900754, "Bad document",
                                  {{.where = "api.yaml:3: data.name", .message = "is empty"},
                                   {.where = "", .message = "has no operations"}});
  EXPECT_EQ(problem.http_status, 400);
  EXPECT_EQ(problem.description, "api.yaml:3: data.name is empty; has no operations");
  EXPECT_EQ(problem.findings.size(), 2u);
}

Result<int> halved(int number) {
  if (number % 2 != 0) return refuse(bad_request(1, "odd", std::to_string(number) + " is odd"));
  return number / 2;
}

Result<int> quartered(int number) {
  ASSIGN_OR_REFUSE(const int half, halved(number));
  CHECK_OR_REFUSE(halved(half));
  return halved(half);
}

TEST(Problem, TheMacrosHandUpTheFirstProblem) {
  EXPECT_EQ(quartered(12).value(), 3);
  EXPECT_EQ(quartered(7).error().description, "7 is odd");
  EXPECT_EQ(quartered(6).error().description, "3 is odd");
}

TEST(Problem, AFindingHoldsWholeCharactersOnly) {
  const Problem problem = invalid(1, "m", {{"a\xC3\xA9\xE2\x82", "b\xFF!"}});
  EXPECT_EQ(problem.findings.at(0).where, "a\xC3\xA9");
  EXPECT_EQ(problem.findings.at(0).message, "b!");
  EXPECT_EQ(problem.description, "a\xC3\xA9 b!");
}

}  // namespace
}  // namespace apim::model
