// What the administrator's routes promise beyond their shapes, and how policies read and write.

#include <gtest/gtest.h>

#include "controller/rest/support_house.h"
#include "rest/policy_shapes.h"

namespace apim::rest {
namespace {

using testing::House;
using testing::kAdmin;

TEST(Admin, OnlyAdministratorsChangePolicies) {
  House house;
  house.add_user("pia", "pia's password", {"Internal/publisher", "Internal/creator"});
  const std::string path = kAdmin + "/throttling/policies/application";
  EXPECT_EQ(house.ask({.path = path, .user = "pia:pia's password"}).status, 200);
  EXPECT_EQ(house.ask({.method = "POST", .path = path, .body = "{}", .user = "pia:pia's password"})
                .status,
            403);
}

nlohmann::json limit(const char* type, const nlohmann::json& quota) {
  return {{"type", type}, {type[0] == 'B' ? "bandwidth" : "requestCount", quota}};
}

TEST(PolicyShapes, EveryLevelReadsBackAsWritten) {
  const nlohmann::json requests =
      limit("REQUESTCOUNTLIMIT", {{"timeUnit", "hour"}, {"unitTime", 2}, {"requestCount", 9}});
  const nlohmann::json bytes =
      limit("BANDWIDTHLIMIT",
            {{"timeUnit", "day"}, {"unitTime", 1}, {"dataAmount", 3}, {"dataUnit", "KB"}});
  for (const auto level : {model::PolicyLevel::Subscription, model::PolicyLevel::Application,
                           model::PolicyLevel::Advanced}) {
    for (const auto& quota : {requests, bytes}) {
      const auto policy = read_policy({{"policyName", "P"}, {"defaultLimit", quota}}, level);
      ASSERT_TRUE(policy.has_value()) << policy.error().description;
      EXPECT_EQ(policy_json(*policy)["defaultLimit"], quota);
    }
  }
}

TEST(PolicyShapes, WhatIsWrongIsNamedWithItsPlace) {
  const auto wrong = [](const nlohmann::json& body) {
    const auto policy = read_policy(body, model::PolicyLevel::Advanced);
    return policy.has_value() ? std::string() : policy.error().description;
  };
  const nlohmann::json good =
      limit("REQUESTCOUNTLIMIT", {{"timeUnit", "min"}, {"unitTime", 1}, {"requestCount", 9}});
  auto bad = good;
  bad["requestCount"]["timeUnit"] = "fortnight";
  EXPECT_NE(wrong({{"policyName", "P"}, {"defaultLimit", bad}}).find("timeUnit"),
            std::string::npos);
  bad = good;
  bad["requestCount"]["requestCount"] = 0;
  EXPECT_NE(wrong({{"policyName", "P"}, {"defaultLimit", bad}}).find("requestCount"),
            std::string::npos);
  bad["type"] = "LIMIT";
  EXPECT_NE(wrong({{"policyName", "P"}, {"defaultLimit", bad}}).find("REQUESTCOUNTLIMIT"),
            std::string::npos);
  const nlohmann::json group = {{"limit", good}, {"conditions", {{{"type", "MOONCONDITION"}}}}};
  EXPECT_NE(wrong({{"policyName", "P"}, {"defaultLimit", good}, {"conditionalGroups", {group}}})
                .find("conditionalGroups[0].conditions[0].type"),
            std::string::npos);
}

TEST(PolicyShapes, DenyConditionsReadBackAsWritten) {
  for (const char* text :
       {R"({"conditionType": "API", "conditionValue": "/p/1", "conditionStatus": true})",
        R"({"conditionType": "IP", "conditionValue": {"fixedIp": "1.2.3.4", "invert": true},
            "conditionStatus": false})",
        R"({"conditionType": "IPRANGE", "conditionStatus": true,
            "conditionValue": {"startingIp": "::1", "endingIp": "::9", "invert": false}})"}) {
    const auto body = nlohmann::json::parse(text);
    const auto condition = read_deny(body);
    ASSERT_TRUE(condition.has_value()) << text;
    auto written = deny_json(*condition);
    written.erase("conditionId");
    EXPECT_EQ(written, body);
  }
  EXPECT_FALSE(
      read_deny({{"conditionType", "IPRANGE"}, {"conditionValue", "1.2.3.4"}}).has_value());
  EXPECT_FALSE(read_deny({{"conditionType", "MOON"}, {"conditionValue", "x"}}).has_value());
  EXPECT_FALSE(read_deny(nlohmann::json::array()).has_value());
}

}  // namespace
}  // namespace apim::rest
