// The shipped policies.

#include "model/policy.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace apim::model {
namespace {

std::map<std::string, ThrottlePolicy> shipped_of(PolicyLevel level) {
  std::map<std::string, ThrottlePolicy> found;
  for (ThrottlePolicy& policy : shipped_policies()) {
    if (policy.level == level) found[policy.name] = policy;
  }
  return found;
}

TEST(ShippedPolicies, AreThoseOfWso2) {
  const auto plans = shipped_of(PolicyLevel::Subscription);
  EXPECT_EQ(plans.size(), 18u);
  EXPECT_EQ(plans.at("Silver").limit, (Limit{.count = 2000}));
  EXPECT_EQ(plans.at("DefaultSubscriptionless").limit, (Limit{.count = 100000}));
  EXPECT_EQ(plans.at("AsyncBronze").limit,
            (Limit{.kind = QuotaKind::Events, .count = 5000, .unit = TimeUnit::Day}));
  EXPECT_EQ(plans.at("AsyncWHGold").limit,
            (Limit{.kind = QuotaKind::Events, .count = 10000, .unit = TimeUnit::Month}));
  EXPECT_EQ(plans.at("AIBronze").limit, (Limit{.kind = QuotaKind::AiTokens, .count = 1000}));
  EXPECT_EQ(shipped_of(PolicyLevel::Application).at("20PerMin").limit, (Limit{.count = 20}));
  EXPECT_EQ(shipped_of(PolicyLevel::Advanced).at("20KPerMin").limit, (Limit{.count = 20000}));
}

TEST(ShippedPolicies, EveryLevelHasUnlimited) {
  for (const auto level :
       {PolicyLevel::Subscription, PolicyLevel::Application, PolicyLevel::Advanced}) {
    EXPECT_TRUE(shipped_of(level).at("Unlimited").limit.is_unlimited());
  }
}

TEST(ShippedPolicies, ReadAsPeopleWouldSayIt) {
  EXPECT_EQ(shipped_of(PolicyLevel::Subscription).at("Gold").description,
            "Allows 5000 requests per minute");
  EXPECT_EQ(shipped_of(PolicyLevel::Application).at("Unlimited").description,
            "Allows unlimited requests");
}

TEST(UnlimitedName, IsEmptyOrUnlimited) {
  EXPECT_TRUE(is_unlimited_name(""));
  EXPECT_TRUE(is_unlimited_name("Unlimited"));
  EXPECT_FALSE(is_unlimited_name("unlimited"));
  EXPECT_FALSE(is_unlimited_name("Gold"));
}

}  // namespace
}  // namespace apim::model
