// What apps promises.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using testing::HasSubstr;

const std::string kApplications = "/api/am/devportal/v3/applications";

TEST(Apps, AreListed) {
  test::LoggedIn one;
  one.controller.answer(
      "GET " + kApplications,
      test::page({{{"applicationId", "a1"}, {"name", "shop"}, {"throttlingPolicy", "Unlimited"}}}));
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"apps"}, {"apps", "list"}}) {
    EXPECT_THAT(test::run_apimctl(arguments).out, HasSubstr("shop  Unlimited"));
  }
}

TEST(Apps, AreCreatedWithTheirPlan) {
  test::LoggedIn one;
  one.controller.answer("POST " + kApplications, {{"applicationId", "a1"}, {"name", "shop"}}, 201,
                        3);
  const auto ran = test::run_apimctl({"apps", "create", "shop", "--plan", "10PerMin"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("(epoch 3)"));
  const auto body = nlohmann::json::parse(one.controller.last("POST " + kApplications).body);
  EXPECT_EQ(body["throttlingPolicy"], "10PerMin");
}

TEST(Apps, AreDeletedByName) {
  test::LoggedIn one;
  one.controller.answer("GET " + kApplications,
                        test::page({{{"applicationId", "a1"}, {"name", "shop"}}}));
  one.controller.answer("DELETE " + kApplications + "/a1", nlohmann::json::object(), 200, 4);
  EXPECT_EQ(test::run_apimctl({"apps", "delete", "shop"}).exit, Exit::Done);
  const auto unknown = test::run_apimctl({"apps", "delete", "ghost"});
  EXPECT_EQ(unknown.exit, Exit::Refused);
  EXPECT_THAT(unknown.err, HasSubstr("ghost"));
}

}  // namespace
}  // namespace apim::cli
