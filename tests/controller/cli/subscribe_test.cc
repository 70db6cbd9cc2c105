// What subscribe promises.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

struct Subscriber : test::LoggedIn {
  Subscriber() {
    controller.answer("GET /api/am/devportal/v3/applications",
                      test::page({{{"applicationId", "a1"}, {"name", "shop"}}}));
    controller.answer("GET /api/am/publisher/v4/apis",
                      test::page({{{"id", "7"}, {"name", "Pizza"}, {"version", "1.0.0"}}}));
    controller.answer("GET /api/am/publisher/v4/apis/7",
                      {{"id", "7"}, {"policies", {"Silver", "Gold"}}});
    controller.answer("POST /api/am/devportal/v3/subscriptions", {{"subscriptionId", "s1"}}, 201,
                      6);
  }
  nlohmann::json sent() const {
    return nlohmann::json::parse(controller.last("POST /api/am/devportal/v3/subscriptions").body);
  }
};

TEST(Subscribe, TakesTheFirstPlanUnlessToldOtherwise) {
  const Subscriber one;
  const auto ran = test::run_apimctl({"subscribe", "shop", "Pizza"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_EQ(one.sent()["throttlingPolicy"], "Silver");
  EXPECT_EQ(one.sent()["applicationId"], "a1");
  EXPECT_EQ(one.sent()["apiId"], "7");
  ASSERT_EQ(test::run_apimctl({"subscribe", "shop", "Pizza", "Gold"}).exit, Exit::Done);
  EXPECT_EQ(one.sent()["throttlingPolicy"], "Gold");
}

TEST(Subscribe, AnApiWithoutPlansAsksForOne) {
  Subscriber one;
  one.controller.answer("GET /api/am/publisher/v4/apis/7",
                        {{"id", "7"}, {"policies", nlohmann::json::array()}});
  const auto ran = test::run_apimctl({"subscribe", "shop", "Pizza"});
  EXPECT_EQ(ran.exit, Exit::Refused);
  EXPECT_THAT(ran.err, testing::HasSubstr("--plan"));
}

TEST(Subscribe, UnsubscribingEndsTheOneSubscription) {
  Subscriber one;
  one.controller.answer("GET /api/am/devportal/v3/subscriptions",
                        test::page({{{"subscriptionId", "s1"}, {"apiId", "7"}}}));
  one.controller.answer("DELETE /api/am/devportal/v3/subscriptions/s1", nullptr, 200, 9);
  const auto ran = test::run_apimctl({"unsubscribe", "shop", "Pizza"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_THAT(ran.out, testing::HasSubstr("unsubscribed shop from Pizza 1.0.0"));
  const auto asked = one.controller.last("GET /api/am/devportal/v3/subscriptions");
  EXPECT_THAT(asked.target, testing::HasSubstr("applicationId=a1"));
  EXPECT_THAT(asked.target, testing::HasSubstr("apiId=7"));
}

TEST(Subscribe, WhatIsNotSubscribedCannotBeEnded) {
  Subscriber one;
  one.controller.answer("GET /api/am/devportal/v3/subscriptions", test::page({}));
  const auto ran = test::run_apimctl({"unsubscribe", "shop", "Pizza"});
  EXPECT_EQ(ran.exit, Exit::Refused);
  EXPECT_THAT(ran.err, testing::HasSubstr("apimctl subscriptions shop"));
}

TEST(Subscribe, SubscriptionsAreListed) {
  Subscriber one;
  one.controller.answer("GET /api/am/devportal/v3/subscriptions",
                        test::page({{{"subscriptionId", "s1"},
                                     {"throttlingPolicy", "Gold"},
                                     {"status", "UNBLOCKED"},
                                     {"apiInfo", {{"name", "Pizza"}, {"version", "1.0.0"}}}}}));
  const auto ran = test::run_apimctl({"subscriptions", "shop"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  for (const char* word : {"Pizza", "1.0.0", "Gold", "UNBLOCKED", "s1"})
    EXPECT_THAT(ran.out, testing::HasSubstr(word));
}

}  // namespace
}  // namespace apim::cli
