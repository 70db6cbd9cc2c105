// What throttle() promises: every level admits its count exactly, answers as WSO2, and refusals
// cost nothing.

#include "throttle/throttle.h"

#include <atomic>
#include <functional>
#include <thread>

#include "support/world.h"
#include "throttle/levels.h"

namespace apim::throttle {
namespace {

using model::PolicyLevel;
using test::Call;
using test::make_image;
using test::operation;
using test::per_minute;
using test::Worker;
using test::World;

World plain_world() {
  World world;
  world.add_api(1, "pizza", {operation(model::Verb::Get, "/menu")});
  world.add_application(1);
  world.subscribe(1, 1);
  return world;
}

struct KnownCaller : Call {
  explicit KnownCaller(Worker& worker) : Call(worker, http::Method::Get, "/pizza/1.0.0/menu") {
    x.route.api = x.image->find_api(1);
    x.route.operation = x.route.api->operations()->Get(0);
    x.principal.application = x.image->find_application(1);
    x.principal.subscription = x.principal.application->subscriptions()->Get(0);
    x.principal.user_hash = x.principal.application->owner_hash();
  }
};

struct LevelCase {
  const char* name;
  FaultCode fault;
  uint16_t status;
  std::function<void(World&)> limit;  // To 100 at this level.
};

const std::vector<LevelCase> kCases{
    {"api", FaultCode::ThrottledApi, 429,
     [](World& world) {
       world.add_policy(1, PolicyLevel::Advanced, "p", per_minute(100));
       world.catalog.apis.at(1).api.throttling_policy = "p";
     }},
    {"resource", FaultCode::ThrottledResource, 429,
     [](World& world) {
       world.add_policy(1, PolicyLevel::Advanced, "p", per_minute(100));
       world.catalog.apis.at(1).api.operations[0].throttling_policy = "p";
     }},
    {"subscription", FaultCode::ThrottledSubscription, 429,
     [](World& world) {
       world.add_policy(1, PolicyLevel::Subscription, "p", per_minute(100));
       world.catalog.subscriptions.at(1)[0].throttling_policy = "p";
     }},
    {"subscription burst", FaultCode::ThrottledSubscriptionBurst, 429,
     [](World& world) {
       world.add_policy(1, PolicyLevel::Subscription, "p", per_minute(1'000'000)).burst =
           per_minute(100);
       world.catalog.subscriptions.at(1)[0].throttling_policy = "p";
     }},
    {"application", FaultCode::ThrottledApplication, 429,
     [](World& world) {
       world.add_policy(1, PolicyLevel::Application, "p", per_minute(100));
       world.catalog.applications.at(1).throttling_policy = "p";
     }},
    {"application burst", FaultCode::ThrottledApplicationBurst, 429,
     [](World& world) {
       world.add_policy(1, PolicyLevel::Application, "p", per_minute(1'000'000)).burst =
           per_minute(100);
       world.catalog.applications.at(1).throttling_policy = "p";
     }},
    {"back end", FaultCode::ThrottledBackend, 503,
     [](World& world) { world.catalog.apis.at(1).api.production_max_tps = per_minute(100); }},
};

TEST(Throttle, EachLevelAdmitsExactlyItsCountAcrossThreads) {
  for (const LevelCase& each : kCases) {
    SCOPED_TRACE(each.name);
    World world = plain_world();
    each.limit(world);
    const auto image = make_image(world.catalog);
    Pools pools(1000);
    std::atomic<uint32_t> admitted{0};
    std::atomic<uint32_t> refused{0};
    const auto work = [&] {
      Worker worker(image);
      for (int i = 0; i < 500; ++i) {
        KnownCaller known(worker);
        if (throttle(known.x, pools) == Verdict::Next) {
          ++admitted;
          continue;
        }
        refused += known.x.answer.code == each.fault && known.x.answer.status == each.status;
      }
    };
    std::thread other(work);
    work();
    other.join();
    EXPECT_EQ(admitted.load(), 100U);
    EXPECT_EQ(refused.load(), 900U);
  }
}

TEST(Throttle, ARefusalSaysWhenTheWindowEnds) {
  World world = plain_world();
  kCases[2].limit(world);
  world.catalog.policies.at(1).limit = per_minute(1);
  Worker worker(make_image(world.catalog));
  Pools pools(100);
  KnownCaller first(worker);
  ASSERT_EQ(throttle(first.x, pools), Verdict::Next);
  KnownCaller second(worker);
  ASSERT_EQ(throttle(second.x, pools), Verdict::Answer);
  EXPECT_EQ(second.x.answer.retry_at_s, 1'700'000'040U);
  EXPECT_EQ(
      second.x.answer.body,
      R"({"code":"900804","message":"Message throttled out","description":"You have exceeded )"
      R"(your quota .You can access )"
      R"(API after 2023-Nov-14 22:14:00+0000 UTC","nextAccessTime":"2023-Nov-14 22:14:00+0000 )"
      R"(UTC"})");
  KnownCaller third(worker);
  third.x.wall_s = second.x.answer.retry_at_s;
  EXPECT_EQ(throttle(third.x, pools), Verdict::Next);
}

TEST(Throttle, TheBackendsLimitSaysNothingAboutWhen) {
  World world = plain_world();
  world.catalog.apis.at(1).api.production_max_tps = per_minute(1);
  Worker worker(make_image(world.catalog));
  Pools pools(100);
  KnownCaller first(worker);
  ASSERT_EQ(throttle(first.x, pools), Verdict::Next);
  KnownCaller second(worker);
  ASSERT_EQ(throttle(second.x, pools), Verdict::Answer);
  EXPECT_EQ(second.x.answer.retry_at_s, 0U);
  EXPECT_EQ(second.x.answer.body,
            R"({"code":"900801","message":"API Limit Reached","description":"API not accepting )"
            R"(requests"})");
}

TEST(Throttle, ProductionAndSandboxHaveBackendLimitsOfTheirOwn) {
  World world = plain_world();
  world.catalog.apis.at(1).api.production_max_tps = per_minute(1);
  world.catalog.apis.at(1).api.sandbox_max_tps = per_minute(2);
  Worker worker(make_image(world.catalog));
  Pools pools(100);
  const auto admitted = [&](fbs::KeyType type) {
    uint32_t count = 0;
    for (int i = 0; i < 5; ++i) {
      KnownCaller known(worker);
      known.x.principal.key_type = type;
      count += throttle(known.x, pools) == Verdict::Next;
    }
    return count;
  };
  EXPECT_EQ(admitted(fbs::KeyType::Production), 1U);
  EXPECT_EQ(admitted(fbs::KeyType::Sandbox), 2U);
}

TEST(Throttle, ARefusalAtALaterLevelGivesBackWhatEarlierOnesTook) {
  World world = plain_world();
  world.add_policy(1, PolicyLevel::Advanced, "resource", per_minute(10));
  world.add_policy(2, PolicyLevel::Subscription, "gold", per_minute(10));
  world.add_policy(3, PolicyLevel::Application, "app", per_minute(2));
  world.catalog.apis.at(1).api.operations[0].throttling_policy = "resource";
  world.catalog.subscriptions.at(1)[0].throttling_policy = "gold";
  world.catalog.applications.at(1).throttling_policy = "app";
  Worker worker(make_image(world.catalog));
  Pools pools(100);
  for (int i = 0; i < 9; ++i) {
    KnownCaller known(worker);
    EXPECT_EQ(throttle(known.x, pools), i < 2 ? Verdict::Next : Verdict::Answer);
    EXPECT_EQ(known.x.throttled.charge_count, i < 2 ? 3 : 0);
  }
  KnownCaller asking(worker);
  const Levels levels = levels_of(asking.x, pools.seed());
  ASSERT_EQ(levels.count, 3U);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(pools.peek(levels.levels[i].key, levels.levels[i].window).used, 2U) << i;
}

TEST(Throttle, GiveBackReturnsEveryCharge) {
  World world = plain_world();
  kCases[2].limit(world);
  Worker worker(make_image(world.catalog));
  Pools pools(100);
  KnownCaller known(worker);
  ASSERT_EQ(throttle(known.x, pools), Verdict::Next);
  ASSERT_EQ(known.x.throttled.charge_count, 1);
  give_back(known.x, pools);
  EXPECT_EQ(known.x.throttled.charge_count, 0);
  const Levels levels = levels_of(known.x, pools.seed());
  EXPECT_EQ(pools.peek(levels.levels[0].key, levels.levels[0].window).used, 0U);
}

TEST(Throttle, WithoutStopOnQuotaOveragePassesAndIsMarked) {
  World world = plain_world();
  world.add_policy(1, PolicyLevel::Subscription, "p", per_minute(1)).stops_on_quota = false;
  world.catalog.subscriptions.at(1)[0].throttling_policy = "p";
  Worker worker(make_image(world.catalog));
  Pools pools(100);
  KnownCaller first(worker);
  EXPECT_EQ(throttle(first.x, pools), Verdict::Next);
  EXPECT_FALSE(first.x.throttled.over_quota);
  KnownCaller second(worker);
  EXPECT_EQ(throttle(second.x, pools), Verdict::Next);
  EXPECT_TRUE(second.x.throttled.over_quota);
}

TEST(Throttle, DenyComesFirstAndCostsNothing) {
  World world = plain_world();
  kCases[2].limit(world);
  world.catalog.denies.push_back({.id = 1,
                                  .uuid = "d",
                                  .tenant = "carbon.super",
                                  .kind = model::DenyCondition::Kind::Ip,
                                  .value = "10.0.0.1",
                                  .last = "",
                                  .inverted = false,
                                  .enabled = true});
  Worker worker(make_image(world.catalog));
  Pools pools(100);
  KnownCaller known(worker);
  EXPECT_EQ(throttle(known.x, pools), Verdict::Answer);
  EXPECT_EQ(known.x.answer.status, 403);
  EXPECT_EQ(
      known.x.answer.body,
      R"({"code":"900805","message":"Message blocked","description":"You have been blocked from )"
      R"(accessing the resource"})");
  EXPECT_EQ(pools.size(), 0U);
}

TEST(Throttle, AFullTableRefusesAndGivesBack) {
  World world = plain_world();
  kCases[1].limit(world);
  world.add_policy(2, PolicyLevel::Subscription, "gold", per_minute(10));
  world.catalog.subscriptions.at(1)[0].throttling_policy = "gold";
  Worker worker(make_image(world.catalog));
  Pools pools(5);
  ASSERT_EQ(pools.cell_count(), 8U);
  KnownCaller asking(worker);
  const Levels levels = levels_of(asking.x, pools.seed());
  // One cell for the resource, the rest taken by others.
  const Allowance allowance{.window = levels.levels[0].window,
                            .now_s = static_cast<uint32_t>(asking.x.wall_s),
                            .count = 9};
  ASSERT_EQ(pools.spend(levels.levels[0].key, allowance).outcome, Spent::Outcome::Admitted);
  for (uint64_t key = 0; key < 7; ++key)
    ASSERT_EQ(pools.spend({key, key}, allowance).outcome, Spent::Outcome::Admitted);
  KnownCaller known(worker);
  EXPECT_EQ(throttle(known.x, pools), Verdict::Answer);
  EXPECT_EQ(known.x.answer.code, FaultCode::CountersFull);
  EXPECT_EQ(pools.peek(levels.levels[0].key, levels.levels[0].window).used, 1U);
}

TEST(Throttle, WithoutLimitsNothingIsCounted) {
  Worker worker(make_image(plain_world().catalog));
  Pools pools(100);
  KnownCaller known(worker);
  EXPECT_EQ(throttle(known.x, pools), Verdict::Next);
  EXPECT_EQ(pools.size(), 0U);
}

TEST(Throttle, PeekAnswersAsThrottleWouldAndSpendsNothing) {
  for (const LevelCase& each : kCases) {
    SCOPED_TRACE(each.name);
    World world = plain_world();
    each.limit(world);
    Worker worker(make_image(world.catalog));
    Pools pools(100);
    for (uint64_t used = 0; used < 103; ++used) {
      const size_t cells = pools.size();
      KnownCaller asking(worker);
      Peeked peeked;
      const Verdict foretold = peek(asking.x, pools, &peeked);
      EXPECT_EQ(pools.size(), cells);
      EXPECT_EQ(asking.x.throttled.charge_count, 0);
      const size_t last = peeked.levels.plain.count - 1;
      ASSERT_EQ(peeked.outlooks[last].now.used, std::min<uint64_t>(used, 100));
      EXPECT_EQ(peeked.refusing, used < 100 ? SIZE_MAX : last);
      KnownCaller known(worker);
      ASSERT_EQ(throttle(known.x, pools), foretold);
      EXPECT_EQ(known.x.answer.code, asking.x.answer.code);
      EXPECT_EQ(known.x.answer.status, asking.x.answer.status);
      EXPECT_EQ(known.x.answer.body, asking.x.answer.body);
      EXPECT_EQ(known.x.answer.retry_at_s, asking.x.answer.retry_at_s);
      EXPECT_STREQ(known.x.answer.what, asking.x.answer.what);
    }
  }
}

TEST(Throttle, PeekNamesWhatDenies) {
  World world = plain_world();
  kCases[2].limit(world);
  world.catalog.denies.push_back({.id = 1,
                                  .uuid = "d",
                                  .tenant = "carbon.super",
                                  .kind = model::DenyCondition::Kind::Ip,
                                  .value = "10.0.0.1",
                                  .last = "",
                                  .inverted = false,
                                  .enabled = true});
  Worker worker(make_image(world.catalog));
  Pools pools(100);
  KnownCaller known(worker);
  Peeked peeked;
  EXPECT_EQ(peek(known.x, pools, &peeked), Verdict::Answer);
  EXPECT_EQ(peeked.denial, Denial::Address);
  EXPECT_EQ(peeked.levels.plain.count, 0U);
  EXPECT_EQ(known.x.answer.code, FaultCode::Denied);
}

TEST(Throttle, PeekForeseesAFullTable) {
  World world = plain_world();
  kCases[2].limit(world);
  Worker worker(make_image(world.catalog));
  Pools pools(5);
  KnownCaller asking(worker);
  const Levels levels = levels_of(asking.x, pools.seed());
  const Allowance allowance{.window = levels.levels[0].window,
                            .now_s = static_cast<uint32_t>(asking.x.wall_s),
                            .count = 9};
  for (uint64_t key = 0; key < 8; ++key)
    ASSERT_EQ(pools.spend({key, key}, allowance).outcome, Spent::Outcome::Admitted);
  Peeked peeked;
  EXPECT_EQ(peek(asking.x, pools, &peeked), Verdict::Answer);
  EXPECT_EQ(asking.x.answer.code, FaultCode::CountersFull);
  EXPECT_EQ(asking.x.answer.retry_at_s, 0U);
  EXPECT_EQ(peeked.refusing, 0U);
}

}  // namespace
}  // namespace apim::throttle
