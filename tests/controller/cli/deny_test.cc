// What deny promises.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kThrottling = "/api/am/admin/v4/throttling/";

struct Admin : test::LoggedIn {
  Admin() {
    controller.answer(
        "GET " + kThrottling + "deny-policies",
        test::page(
            {{{"conditionId", "c1"},
              {"conditionType", "IPRANGE"},
              {"conditionStatus", true},
              {"conditionValue", {{"startingIp", "10.0.0.1"}, {"endingIp", "10.0.0.9"}}}},
             {{"conditionId", "c2"}, {"conditionType", "API"}, {"conditionValue", "/a/1"}}}));
    controller.answer("POST " + kThrottling + "deny-policies", {{"conditionId", "c3"}}, 201, 5);
    controller.answer("DELETE " + kThrottling + "deny-policy/c1", json::object(), 200, 6);
    controller.answer("DELETE " + kThrottling + "deny-policy/c2", json::object(), 200, 6);
  }
  json sent() const {
    return json::parse(controller.last("POST " + kThrottling + "deny-policies").body);
  }
};

TEST(Deny, EachKindHasItsValue) {
  const Admin one;
  ASSERT_EQ(test::run_apimctl({"deny", "add", "api", "/a/1"}).exit, Exit::Done);
  EXPECT_EQ(one.sent()["conditionValue"], "/a/1");
  EXPECT_EQ(one.sent()["conditionType"], "API");
  ASSERT_EQ(test::run_apimctl({"deny", "add", "ip", "10.0.0.1", "--invert"}).exit, Exit::Done);
  EXPECT_EQ(one.sent()["conditionValue"]["fixedIp"], "10.0.0.1");
  EXPECT_EQ(one.sent()["conditionValue"]["invert"], true);
  ASSERT_EQ(test::run_apimctl({"deny", "add", "iprange", "10.0.0.1", "--last", "10.0.0.9"}).exit,
            Exit::Done);
  EXPECT_EQ(one.sent()["conditionValue"]["endingIp"], "10.0.0.9");
  EXPECT_EQ(test::run_apimctl({"deny", "add", "iprange", "10.0.0.1"}).exit, Exit::Usage);
}

TEST(Deny, IsListedAndRemovedByIdOrValue) {
  const Admin one;
  EXPECT_THAT(test::run_apimctl({"deny"}).out, HasSubstr("10.0.0.1 - 10.0.0.9"));
  EXPECT_EQ(test::run_apimctl({"deny", "remove", "c1"}).exit, Exit::Done);
  EXPECT_EQ(test::run_apimctl({"deny", "remove", "/a/1"}).exit, Exit::Done);
  EXPECT_EQ(test::run_apimctl({"deny", "remove", "c9"}).exit, Exit::Refused);
}

}  // namespace
}  // namespace apim::cli
