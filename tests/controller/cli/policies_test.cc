// What policies promises: WSO2's bodies from what people write.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kPolicies = "/api/am/admin/v4/throttling/policies/";

struct PolicyAdmin : test::LoggedIn {
  PolicyAdmin() {
    for (const char* level : {"subscription", "application", "advanced"}) {
      controller.answer("GET " + kPolicies + level,
                        test::page({{{"policyId", "p1"}, {"policyName", "Gold"}}}));
      controller.answer("POST " + kPolicies + level, {{"policyId", "p2"}}, 201, 2);
    }
    controller.answer("DELETE " + kPolicies + "application/p1", json::object(), 200, 3);
  }
  json sent(const std::string& level) const {
    return json::parse(controller.last("POST " + kPolicies + level).body);
  }
};

TEST(Policies, EachLevelHasItsOwnShape) {
  const PolicyAdmin one;
  ASSERT_EQ(test::run_apimctl({"policies", "create", "subscription", "S", "--limit", "100/min",
                               "--burst", "10/s", "--no-stop"})
                .exit,
            Exit::Done);
  EXPECT_EQ(one.sent("subscription")["defaultLimit"]["requestCount"]["requestCount"], 100);
  EXPECT_EQ(one.sent("subscription")["rateLimitCount"], 10);
  EXPECT_EQ(one.sent("subscription")["stopOnQuotaReach"], false);
  ASSERT_EQ(test::run_apimctl(
                {"policies", "create", "application", "A", "--limit", "5/h", "--burst", "1/min"})
                .exit,
            Exit::Done);
  EXPECT_EQ(one.sent("application")["burstLimit"]["rateLimitTimeUnit"], "min");
  ASSERT_EQ(test::run_apimctl({"policies", "create", "advanced", "R", "--limit", "5/h"}).exit,
            Exit::Done);
  EXPECT_TRUE(one.sent("advanced")["conditionalGroups"].is_array());
}

TEST(Policies, WrongLimitsAreUsageErrors) {
  const PolicyAdmin one;
  for (const std::vector<std::string>& more : {std::vector<std::string>{"--limit", "many"},
                                               {"--limit", "5/min", "--burst", "1/hour"},
                                               {}}) {
    std::vector<std::string> arguments = {"policies", "create", "application", "A"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(test::run_apimctl(arguments).exit, Exit::Usage);
  }
  EXPECT_EQ(one.controller.last("POST " + kPolicies + "application").method, "");
}

TEST(Policies, AreListedAndDeletedByName) {
  const PolicyAdmin one;
  EXPECT_THAT(test::run_apimctl({"policies"}).out, HasSubstr("advanced      Gold  unlimited"));
  EXPECT_EQ(json::parse(test::run_apimctl({"policies", "list", "--level", "advanced", "-o", "json"})
                            .out)["count"],
            1);
  EXPECT_EQ(test::run_apimctl({"policies", "delete", "application", "Gold"}).exit, Exit::Done);
  EXPECT_EQ(test::run_apimctl({"policies", "delete", "application", "Ghost"}).exit, Exit::Refused);
}

}  // namespace
}  // namespace apim::cli
