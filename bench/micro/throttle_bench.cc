// What counting costs: one pool alone, one pool under all cores, and many pools.

#include <benchmark/benchmark.h>

#include <cstdint>

#include "throttle/pool.h"

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

}  // namespace
}  // namespace apim::bench
