// What counting costs: one pool alone, one pool under all cores, many pools, and the whole decision
// of a request.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>

#include "bench/world/image.h"
#include "snapshot/current.h"
#include "throttle/pool.h"
#include "throttle/throttle.h"

namespace apim::bench {
namespace {

constexpr throttle::Allowance kNeverReached{
    .window = {.begin_s = 1'000'000'020, .end_s = 1'000'000'080},
    .now_s = 1'000'000'030,
    .count = 2'000'000'000,
    .lets_overage_pass = true};

throttle::Pools& shared_pools() {
  static throttle::Pools pools(1 << 20);
  return pools;
}

void BM_SpendOnePool(benchmark::State& state) {
  throttle::Pools& pools = shared_pools();
  for (auto _ : state) {
    const auto spent = pools.spend({1, 1}, kNeverReached);
    if (spent.outcome == throttle::Spent::Outcome::Full) state.SkipWithError("no room");
  }
}
BENCHMARK(BM_SpendOnePool)->Threads(1)->Threads(2)->Threads(8);

void BM_SpendManyPools(benchmark::State& state) {
  throttle::Pools& pools = shared_pools();
  uint64_t number = static_cast<uint64_t>(state.thread_index()) * 7919;
  for (auto _ : state) {
    number = number * 6364136223846793005ULL + 1442695040888963407ULL;
    const uint64_t key = number >> 48;  // 65,536 pools.
    const auto spent = pools.spend({key * 0x9e3779b97f4a7c15ULL, key + 2}, kNeverReached);
    if (spent.outcome == throttle::Spent::Outcome::Full) state.SkipWithError("no room");
  }
}
BENCHMARK(BM_SpendManyPools)->Threads(1)->Threads(8);

constexpr uint32_t kApplications = 10'000;

const std::shared_ptr<const snapshot::Image>& limited_world() {
  static const auto world =
      make_world({.apis = 100,
                  .applications = kApplications,
                  .keys = kApplications,
                  .subscriptions_per_application = 1,
                  .even = compile::EvenWork{.limit_per_minute = 1'000'000'000}});
  return world;
}

// The whole decision: three levels gathered, three pools charged; of one caller or of many.
void decide(benchmark::State& state, uint32_t callers) {
  throttle::Pools& pools = shared_pools();
  snapshot::Current current([](std::shared_ptr<const snapshot::Image>) {});
  current.adopt(limited_world());
  const auto x = std::make_unique<Exchange>();
  x->image = current.pin();
  x->wall_s = 1'000'000'030;
  uint64_t number = static_cast<uint64_t>(state.thread_index()) * 7919;
  for (auto _ : state) {
    number = number * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto id = 1 + static_cast<uint32_t>(number >> 32) % callers;
    x->principal.application = x->image->find_application(id);
    x->principal.subscription = x->principal.application->subscriptions()->Get(0);
    x->principal.user_hash = x->principal.application->owner_hash();
    x->route.api = x->image->find_api(x->principal.subscription->api());
    x->route.operation = x->route.api->operations()->Get(0);
    x->throttled = {};
    if (throttle::throttle(*x, pools) != Verdict::Next) state.SkipWithError("refused");
  }
}
BENCHMARK_CAPTURE(decide, one_caller, 1)->Threads(1)->Threads(8);
BENCHMARK_CAPTURE(decide, many_callers, kApplications)->Threads(1)->Threads(8);

}  // namespace
}  // namespace apim::bench
