// Subscriptions.

#include "store/subscriptions.h"

#include "controller/store/support_store.h"
#include "store/apis.h"
#include "store/applications.h"
#include "store/outbox.h"

namespace apim::store {
namespace {

class SubscriptionsTest : public StoreTest {
 protected:
  void SetUp() override {
    api_ = write([](Transaction& tx) { return apis::insert(tx, sample_api("pizza")); });
    application_ =
        write([](Transaction& tx) { return applications::insert(tx, sample_application("shop")); });
  }
  model::Subscription wanted(const std::string& policy = "Gold") const {
    return sample_subscription(api_, application_, policy);
  }
  auto inserting(const model::Subscription& subscription) {
    return [subscription](Transaction& tx) {
      return subscriptions::insert(tx, kTenant, subscription);
    };
  }
  model::Api api_;
  model::Application application_;
};
INSTANTIATE_TEST_SUITE_P(, SubscriptionsTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(SubscriptionsTest, ComesBackAsItWentIn) {
  const auto made = write(inserting(wanted()));
  EXPECT_EQ(made.api_id, api_.id);
  EXPECT_EQ(made.application_id, application_.id);
  const auto found =
      read([&](Transaction& tx) { return subscriptions::find(tx, kTenant, made.uuid); });
  EXPECT_EQ(dump(found), dump(made));
}

TEST_P(SubscriptionsTest, APairSubscribesOnce) {
  write(inserting(wanted()));
  const Problem problem = refusal(inserting(wanted("Silver")));
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_EQ(problem.code, 900336);
  EXPECT_NE(problem.description.find("'shop'"), std::string::npos);
  EXPECT_NE(problem.description.find("API 'pizza' 1.0.0"), std::string::npos);
}

TEST_P(SubscriptionsTest, WhatDoesNotExistIsNamed) {
  model::Subscription subscription = wanted("Platinum");
  EXPECT_NE(refusal(inserting(subscription)).description.find("'Platinum'"), std::string::npos);
  subscription = wanted();
  subscription.api_uuid = "nothing";
  EXPECT_EQ(refusal(inserting(subscription)).code, 900308);
  subscription = wanted();
  subscription.application_uuid = "nobody";
  EXPECT_EQ(refusal(inserting(subscription)).code, 900307);
}

TEST_P(SubscriptionsTest, AnUpdateChangesPolicyAndStateAndIsTold) {
  auto made = write(inserting(wanted()));
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  for (const auto state :
       {model::SubscriptionState::Blocked, model::SubscriptionState::ProductionBlocked,
        model::SubscriptionState::OnHold, model::SubscriptionState::Rejected,
        model::SubscriptionState::TierUpdatePending, model::SubscriptionState::DeletePending,
        model::SubscriptionState::Unblocked}) {
    made.state = state;
    made.throttling_policy = "Silver";
    write([&](Transaction& tx) { return subscriptions::update(tx, kTenant, made); });
    const auto found =
        read([&](Transaction& tx) { return subscriptions::find(tx, kTenant, made.uuid); });
    EXPECT_EQ(found.state, state);
    EXPECT_EQ(found.throttling_policy, "Silver");
  }
  const auto changes = read([&](Transaction& tx) { return outbox::changes_since(tx, before); });
  EXPECT_EQ(changes.size(), 7u);
  EXPECT_EQ(changes[0].kind, model::Change::Kind::Application);
  EXPECT_EQ(changes[0].id, application_.id);
}

TEST_P(SubscriptionsTest, ListsBySideAndInPages) {
  for (int i = 0; i < 3; ++i) {
    write([&](Transaction& tx) -> Result<void> {
      ASSIGN_OR_REFUSE(const auto other, apis::insert(tx, sample_api("extra" + std::to_string(i))));
      model::Subscription subscription = wanted();
      subscription.api_uuid = other.uuid;
      CHECK_OR_REFUSE(subscriptions::insert(tx, kTenant, subscription));
      return {};
    });
  }
  write(inserting(wanted()));
  const auto list = [&](const subscriptions::Filter& filter) {
    return read([&](Transaction& tx) { return subscriptions::list(tx, kTenant, filter); });
  };
  EXPECT_EQ(list({.api_uuid = api_.uuid}).total, 1u);
  const auto page =
      list({.application_uuid = application_.uuid, .page = {.limit = 2, .offset = 3}});
  EXPECT_EQ(page.total, 4u);
  ASSERT_EQ(page.items.size(), 1u);
  EXPECT_EQ(page.items[0].api_uuid, api_.uuid) << "oldest first";
  EXPECT_EQ(list({.api_uuid = api_.uuid, .application_uuid = "nobody"}).total, 0u);
}

TEST_P(SubscriptionsTest, ARemovedOneMayComeAgain) {
  const auto made = write(inserting(wanted()));
  write([&](Transaction& tx) { return subscriptions::remove(tx, kTenant, made.uuid); });
  EXPECT_FALSE(read([&](Transaction& tx) {
    return subscriptions::find_pair(tx, kTenant, api_.uuid, application_.uuid);
  }));
  EXPECT_EQ(
      refusal([&](Transaction& tx) { return subscriptions::remove(tx, kTenant, made.uuid); }).code,
      900310);
  EXPECT_GT(write(inserting(wanted())).id, made.id);
}

}  // namespace
}  // namespace apim::store
