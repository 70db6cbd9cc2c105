// Opening, first start, two databases, and waiting for epochs.

#include "store/store.h"

#include <thread>

#include "controller/store/support_store.h"
#include "store/environments.h"
#include "store/policies.h"
#include "store/users.h"

namespace apim::store {
namespace {

STORE_SUITE(StoreOpenTest);

size_t count_policies(Store& store) {
  return must(store.read([](Transaction& tx) {
           return policies::list(tx, kTenant, model::PolicyLevel::Subscription);
         }))
      .size();
}

TEST_P(StoreOpenTest, TheFirstStartHasWhatEverybodyNeeds) {
  const auto environments = read([](Transaction& tx) { return environments::list(tx, kTenant); });
  ASSERT_EQ(environments.size(), 1u);
  EXPECT_EQ(environments[0].name, "Default");
  EXPECT_EQ(environments[0].vhosts, std::vector<std::string>{"localhost"});
  size_t shipped = 0;
  for (const auto& policy : model::shipped_policies()) {
    shipped += policy.level == model::PolicyLevel::Subscription ? 1 : 0;
  }
  EXPECT_EQ(count_policies(*store_), shipped);
  EXPECT_FALSE(must(store_->shared().read(users::has_admin)));
}

TEST_P(StoreOpenTest, TheSecondStartAddsNothing) {
  const size_t before = count_policies(*store_);
  const uint64_t epoch = read([](Transaction& tx) { return tx.epoch(); });
  const auto again = must(Store::open(settings()));
  EXPECT_EQ(count_policies(*again), before);
  EXPECT_EQ(must(again->read([](Transaction& tx) { return tx.epoch(); })), epoch);
}

TEST_P(StoreOpenTest, AShippedPolicyThatWasRemovedStaysRemoved) {
  write([](Transaction& tx) -> Result<void> {
    ASSIGN_OR_REFUSE(const auto policy,
                     policies::find_by_name(tx, kTenant, model::PolicyLevel::Subscription, "Gold"));
    return policies::remove(tx, kTenant, model::PolicyLevel::Subscription, policy->uuid);
  });
  const size_t before = count_policies(*store_);
  EXPECT_EQ(count_policies(*must(Store::open(settings()))), before);
}

TEST_P(StoreOpenTest, TwoDatabasesHoldTheirOwnTables) {
  StoreSettings apart = settings();
  apart.apim_url = new_url("apim_apart");
  apart.shared_url = new_url("shared_apart");
  const auto store = must(Store::open(apart));
  EXPECT_NE(&store->apim(), &store->shared());
  const auto in = [](Database& database, const std::string& table) {
    return database
        .read([&](Transaction& tx) { return tx.number("SELECT COUNT(*) FROM " + table); })
        .has_value();
  };
  EXPECT_TRUE(in(store->apim(), "am_api"));
  EXPECT_FALSE(in(store->apim(), "um_user"));
  EXPECT_TRUE(in(store->shared(), "um_user"));
  EXPECT_FALSE(in(store->shared(), "am_api"));
}

TEST_P(StoreOpenTest, ControllersStartingTogetherSeedOnce) {
  StoreSettings fresh = settings();
  fresh.apim_url = fresh.shared_url = new_url("fresh");
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { must(Store::open(fresh)); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count_policies(*must(Store::open(fresh))), count_policies(*store_));
}

TEST_P(StoreOpenTest, WaitingEndsWithTheNextEpoch) {
  const uint64_t seen = read([](Transaction& tx) { return tx.epoch(); });
  std::thread writer(
      [&] { write([](Transaction& tx) { return tx.changed(model::Change::Kind::Deny, 0); }); });
  uint64_t newest = seen;
  while (newest == seen) newest = must(store_->wait_beyond(seen, std::chrono::seconds(60)));
  writer.join();
  EXPECT_EQ(newest, seen + 1);
  EXPECT_EQ(must(store_->wait_beyond(seen, std::chrono::seconds(60))), newest) << "at once";
}

TEST_P(StoreOpenTest, AnotherControllersEpochIsNoticedAfterTheTimeout) {
  const uint64_t seen = read([](Transaction& tx) { return tx.epoch(); });
  const auto other = must(Store::open(settings()));
  must(other->write([](Transaction& tx) { return tx.changed(model::Change::Kind::Deny, 0); }));
  EXPECT_EQ(must(store_->wait_beyond(seen, std::chrono::milliseconds(1))), seen + 1);
}

TEST_P(StoreOpenTest, StoppingEndsTheWait) {
  const uint64_t seen = read([](Transaction& tx) { return tx.epoch(); });
  std::thread stopper([&] { store_->stop_waiting(); });
  EXPECT_EQ(must(store_->wait_beyond(seen, std::chrono::hours(1))), seen);
  stopper.join();
}

}  // namespace
}  // namespace apim::store
