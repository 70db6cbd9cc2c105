#include "compile/consumers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"

namespace apim::compile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Consumers : public testing::Test {
 protected:
  LoweredApplication lower(const model::Application& application,
                           const std::vector<model::Subscription>& subscriptions) {
    return lower_application(application, subscriptions,
                             PolicyIndex(support::empty_catalog().policies), findings_);
  }

  std::vector<uint32_t> apis_of(const LoweredApplication& lowered) {
    std::vector<uint32_t> apis;
    for (const LoweredSubscription& subscription : lowered.subscriptions) {
      apis.push_back(subscription.api);
    }
    return apis;
  }

  std::vector<Finding> findings_;
};

TEST_F(Consumers, SubscriptionsAreSortedByApiAndEachApiStandsOnce) {
  const auto lowered = lower(support::application(1),
                             {support::subscription(1, 9), support::subscription(1, 2, "Silver"),
                              support::subscription(1, 2, "Gold"), support::subscription(1, 0)});
  EXPECT_THAT(apis_of(lowered), ElementsAre(2, 9));
  EXPECT_EQ(
      lowered.subscriptions[0].tier,
      support::policy_id(support::empty_catalog(), model::PolicyLevel::Subscription, "Silver"));
  EXPECT_THAT(findings_, IsEmpty());
}

TEST_F(Consumers, ASubscriptionToAPlanThatIsNotEnforcedIsLeftOut) {
  const auto lowered = lower(support::application(1),
                             {support::subscription(1, 2, "AIGold"),
                              support::subscription(1, 3, "Gone"), support::subscription(1, 4)});
  EXPECT_THAT(apis_of(lowered), ElementsAre(4));
  EXPECT_THAT(support::lines_of(findings_),
              ElementsAre("application 'app1' of alice@carbon.super: its subscription to API api-2 "
                          "is left out: the subscription policy 'AIGold' cannot be used: it counts "
                          "AI tokens; gateways only enforce limits that count requests so far",
                          "application 'app1' of alice@carbon.super: its subscription to API api-3 "
                          "is left out: the subscription policy 'Gone' does not exist"));
}

TEST_F(Consumers, AnApplicationWhosePolicyIsNotEnforcedIsClosedNotUnlimited) {
  model::Application application = support::application(1);
  application.throttling_policy = "Gone";
  EXPECT_THAT(apis_of(lower(application, {support::subscription(1, 2)})), IsEmpty());
  EXPECT_THAT(support::lines_of(findings_),
              ElementsAre("application 'app1' of alice@carbon.super: the application policy 'Gone' "
                          "does not exist; all its calls are refused"));
}

TEST_F(Consumers, AnApplicationThatIsNotApprovedIsClosed) {
  model::Application application = support::application(1);
  application.status = "CREATED";
  EXPECT_THAT(apis_of(lower(application, {support::subscription(1, 2)})), IsEmpty());
  EXPECT_THAT(support::lines_of(findings_),
              ElementsAre("application 'app1' of alice@carbon.super: is CREATED; all its calls are "
                          "refused"));
}

TEST(DenyName, CarriesTheTenantOutsideTheSuperTenant) {
  model::Application application = support::application(1);
  EXPECT_EQ(deny_name_of(application), "alice:app1");
  application.tenant = "foo.com";
  EXPECT_EQ(deny_name_of(application), "alice@foo.com:app1");
  EXPECT_EQ(user_of(application), "alice@foo.com");
}

}  // namespace
}  // namespace apim::compile
