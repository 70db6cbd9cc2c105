// States and their history.

#include "store/lifecycles.h"

#include "controller/store/support_store.h"
#include "store/apis.h"
#include "store/outbox.h"

namespace apim::store {
namespace {

STORE_SUITE(LifecyclesTest);

using model::Lifecycle;

TEST_P(LifecyclesTest, EveryMoveIsRememberedAndTold) {
  const model::Api api =
      write([](Transaction& tx) { return apis::insert(tx, sample_api("pizza")); });
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  const auto move = [&](Lifecycle to, const std::string& user) {
    now_ms_ += 10;
    write([&](Transaction& tx) { return lifecycles::move(tx, kTenant, api.uuid, to, user); });
  };
  move(Lifecycle::Published, "carol");
  move(Lifecycle::Blocked, "dave");
  EXPECT_EQ(read([&](Transaction& tx) { return apis::find(tx, kTenant, api.uuid); }).lifecycle,
            Lifecycle::Blocked);

  const auto steps =
      read([&](Transaction& tx) { return lifecycles::history(tx, kTenant, api.uuid); });
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].from, Lifecycle::Created);
  EXPECT_EQ(steps[0].to, Lifecycle::Published);
  EXPECT_EQ(steps[0].user, "carol");
  EXPECT_EQ(steps[1].from, Lifecycle::Published);
  EXPECT_EQ(steps[1].to, Lifecycle::Blocked);
  EXPECT_EQ(steps[1].at_ms, now_ms_);

  const auto changes = read([&](Transaction& tx) { return outbox::changes_since(tx, before); });
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[1].kind, model::Change::Kind::Api);
  EXPECT_EQ(changes[1].id, api.id);
}

TEST_P(LifecyclesTest, AnUnknownApiIsNotFound) {
  const Problem problem = refusal([](Transaction& tx) {
    return lifecycles::move(tx, kTenant, "nobody", Lifecycle::Published, "carol");
  });
  EXPECT_EQ(problem.http_status, 404);
  EXPECT_EQ(problem.code, 900308);
}

}  // namespace
}  // namespace apim::store
