// What levels promise: WSO2's order, and keys that are apart exactly where WSO2's are.

#include "throttle/levels.h"

#include "support/world.h"

namespace apim::throttle {
namespace {

using model::PolicyLevel;
using test::Call;
using test::make_image;
using test::operation;
using test::per_minute;
using test::Worker;
using test::World;

constexpr uint64_t kSeed = 42;

World full_world() {
  World world;
  model::Api& api = world.add_api(
      1, "pizza", {operation(model::Verb::Get, "/menu"), operation(model::Verb::Post, "/menu")});
  for (model::Operation& each : api.operations) each.throttling_policy = "resource";
  api.production_max_tps = {.count = 3, .unit_time = 1, .unit = model::TimeUnit::Second};
  world.add_policy(1, PolicyLevel::Advanced, "resource", per_minute(10));
  world.add_policy(2, PolicyLevel::Subscription, "gold", per_minute(20)).burst = {
      .count = 2, .unit_time = 1, .unit = model::TimeUnit::Second};
  world.add_policy(3, PolicyLevel::Application, "app", per_minute(30)).burst = {
      .count = 4, .unit_time = 1, .unit = model::TimeUnit::Second};
  world.add_application(1).throttling_policy = "app";
  world.add_application(2).throttling_policy = "app";
  world.subscribe(1, 1, "gold");
  world.subscribe(2, 1, "gold");
  return world;
}

// A request that was matched and authenticated.
struct Known : Call {
  Known(Worker& worker, uint32_t application_id, uint32_t operation_index = 0)
      : Call(worker, http::Method::Get, "/pizza/1.0.0/menu") {
    x.route.api = x.image->find_api(1);
    x.route.operation = x.route.api->operations()->Get(operation_index);
    if (application_id == 0) return;
    x.principal.application = x.image->find_application(application_id);
    x.principal.subscription = x.principal.application->subscriptions()->Get(0);
    x.principal.user_hash = x.principal.application->owner_hash();
  }
  Levels levels() const { return levels_of(x, kSeed); }
};

TEST(Levels, StandInWso2sOrder) {
  Worker worker(make_image(full_world().catalog));
  const Levels levels = Known(worker, 1).levels();
  std::vector<FaultCode> faults;
  for (size_t i = 0; i < levels.count; ++i) faults.push_back(levels.levels[i].fault);
  EXPECT_EQ(faults,
            (std::vector{FaultCode::ThrottledResource, FaultCode::ThrottledSubscription,
                         FaultCode::ThrottledSubscriptionBurst, FaultCode::ThrottledApplication,
                         FaultCode::ThrottledApplicationBurst, FaultCode::ThrottledBackend}));
}

TEST(Levels, AnApiPolicyReplacesEveryResources) {
  World world = full_world();
  world.catalog.apis.at(1).api.throttling_policy = "resource";
  Worker worker(make_image(world.catalog));
  const Levels get = Known(worker, 1, 0).levels();
  const Levels post = Known(worker, 1, 1).levels();
  EXPECT_EQ(get.levels[0].fault, FaultCode::ThrottledApi);
  EXPECT_EQ(get.levels[0].key, post.levels[0].key);
}

TEST(Levels, EveryKeyOfOneRequestIsAnother) {
  Worker worker(make_image(full_world().catalog));
  const Levels levels = Known(worker, 1).levels();
  for (size_t i = 0; i < levels.count; ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(levels.levels[i].key, levels.levels[j].key);
  }
}

TEST(Levels, ResourcesAreCountedByPathAndMethodForAllApplications) {
  Worker worker(make_image(full_world().catalog));
  EXPECT_EQ(Known(worker, 1, 0).levels().levels[0].key, Known(worker, 2, 0).levels().levels[0].key);
  EXPECT_NE(Known(worker, 1, 0).levels().levels[0].key, Known(worker, 1, 1).levels().levels[0].key);
}

TEST(Levels, SubscriptionsAndApplicationsAreCountedForEachApplication) {
  Worker worker(make_image(full_world().catalog));
  const Levels one = Known(worker, 1).levels();
  const Levels two = Known(worker, 2).levels();
  for (size_t i = 1; i <= 4; ++i) EXPECT_NE(one.levels[i].key, two.levels[i].key);
  EXPECT_EQ(one.levels[5].key, two.levels[5].key) << "the back end is one for all";
}

TEST(Levels, APerUserPolicyCountsEachUserApart) {
  World world = full_world();
  world.catalog.policies.at(1).per_user = true;
  world.catalog.applications.at(2).owner = "bob";
  Worker worker(make_image(world.catalog));
  EXPECT_NE(Known(worker, 1).levels().levels[0].key, Known(worker, 2).levels().levels[0].key);
}

TEST(Levels, WithoutAStandInWso2sShippedNumbersCount) {
  World world = full_world();
  Worker worker(make_image(world.catalog));
  Known anonymous(worker, 0);
  ASSERT_EQ(anonymous.levels().count, 3U) << "resource, stand-in and back end";
  EXPECT_EQ(anonymous.levels().levels[1].fault, FaultCode::ThrottledSubscription);
  EXPECT_EQ(anonymous.levels().levels[1].count, 500U);
  EXPECT_FALSE(anonymous.levels().levels[1].lets_overage_pass);
  Known subscriptionless(worker, 1);
  subscriptionless.x.principal.subscription = nullptr;
  EXPECT_EQ(subscriptionless.levels().levels[1].fault, FaultCode::ThrottledSubscription);
  EXPECT_EQ(subscriptionless.levels().levels[1].count, 100'000U);
  const Window window = subscriptionless.levels().levels[1].window;
  EXPECT_EQ(window.end_s - window.begin_s, 60U);
}

TEST(Levels, AStandInWithoutALimitStaysWithoutOne) {
  World world = full_world();
  world.add_policy(9, PolicyLevel::Subscription, "Unauthenticated", {});
  Worker worker(make_image(world.catalog));
  EXPECT_EQ(Known(worker, 0).levels().count, 2U) << "resource and back end";
}

TEST(Levels, AnonymousCallersAreCountedByAddress) {
  World world = full_world();
  world.add_policy(9, PolicyLevel::Subscription, "Unauthenticated", per_minute(500));
  Worker worker(make_image(world.catalog));
  const auto key_of = [&](std::string_view address) {
    Known known(worker, 0);
    known.x.client.address = *parse_address(address);
    const Levels levels = known.levels();
    EXPECT_EQ(levels.count, 3U);
    EXPECT_EQ(levels.levels[1].fault, FaultCode::ThrottledSubscription);
    return levels.levels[1].key;
  };
  EXPECT_NE(key_of("10.0.0.1"), key_of("10.0.0.2"));
  EXPECT_NE(key_of("2001:db8::1"), key_of("2001:db8:0:1::1"));
  EXPECT_EQ(key_of("2001:db8::1"), key_of("2001:db8::2")) << "one /64 is one caller";
}

TEST(Levels, AnApiWithoutSubscriptionsFallsUnderTheSubscriptionlessPolicy) {
  World world = full_world();
  world.add_policy(9, PolicyLevel::Subscription, "DefaultSubscriptionless", per_minute(1000));
  Worker worker(make_image(world.catalog));
  Known known(worker, 1);
  known.x.principal.subscription = nullptr;
  EXPECT_EQ(known.levels().levels[1].count, 1000U);
}

TEST(Levels, ANewCountKeepsTheKeyAndANewWindowDoesNot) {
  World world = full_world();
  Worker before(make_image(world.catalog));
  world.catalog.policies.at(2).limit = per_minute(99);
  Worker other_count(make_image(world.catalog));
  world.catalog.policies.at(2).limit.unit = model::TimeUnit::Hour;
  Worker other_window(make_image(world.catalog));
  EXPECT_EQ(Known(before, 1).levels().levels[1].key, Known(other_count, 1).levels().levels[1].key);
  EXPECT_NE(Known(before, 1).levels().levels[1].key, Known(other_window, 1).levels().levels[1].key);
}

TEST(Levels, TracedOnesAreTheSameAndNameTheirOrigin) {
  Worker worker(make_image(full_world().catalog));
  for (const uint32_t application : {0U, 1U, 2U}) {
    SCOPED_TRACE(application);
    Known known(worker, application);
    const Levels plain = known.levels();
    const TracedLevels traced = traced_levels_of(known.x, kSeed);
    ASSERT_EQ(traced.plain.count, plain.count);
    for (size_t i = 0; i < plain.count; ++i) {
      EXPECT_EQ(traced.plain.levels[i].fault, plain.levels[i].fault);
      EXPECT_EQ(traced.plain.levels[i].key, plain.levels[i].key);
      EXPECT_EQ(traced.plain.levels[i].window.end_s, plain.levels[i].window.end_s);
      EXPECT_EQ(traced.plain.levels[i].count, plain.levels[i].count);
      ASSERT_NE(traced.origins[i].limit, nullptr);
      EXPECT_EQ(traced.origins[i].limit->count(), plain.levels[i].count);
    }
  }
  const TracedLevels traced = traced_levels_of(Known(worker, 1).x, kSeed);
  std::vector<std::string> names;
  for (size_t i = 0; i < traced.plain.count; ++i) {
    const fbs::ThrottlePolicy* policy = traced.origins[i].policy;
    names.push_back(policy == nullptr ? "-" : policy->name()->str());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"resource", "gold", "gold", "app", "app", "-"}));
}

}  // namespace
}  // namespace apim::throttle
