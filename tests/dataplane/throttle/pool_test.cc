// What Pools promise: exact across threads, windows that end, give-back, bounded memory.

#include "throttle/pool.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

namespace apim::throttle {
namespace {

using Outcome = Spent::Outcome;

constexpr uint32_t kMinute = 1'700'000'040;  // A multiple of 60.

Allowance allowance(uint64_t count, uint32_t begin_s = kMinute, uint32_t length_s = 60) {
  return {.window = {.begin_s = begin_s, .end_s = begin_s + length_s},
          .now_s = begin_s,
          .count = count};
}

TEST(Pools, AdmitExactlyTheCountInAWindow) {
  Pools pools(100);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(pools.spend({1, 2}, allowance(5)).outcome, Outcome::Admitted);
  const Spent refused = pools.spend({1, 2}, allowance(5));
  EXPECT_EQ(refused.outcome, Outcome::Exhausted);
  EXPECT_EQ(refused.window_end_s, kMinute + 60);
  EXPECT_EQ(pools.peek({1, 2}, allowance(5).window).used, 5U);
}

TEST(Pools, CountAnewInTheNextWindow) {
  Pools pools(100);
  EXPECT_EQ(pools.spend({1, 2}, allowance(1)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({1, 2}, allowance(1)).outcome, Outcome::Exhausted);
  EXPECT_EQ(pools.spend({1, 2}, allowance(1, kMinute + 60)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({1, 2}, allowance(1, kMinute + 60)).outcome, Outcome::Exhausted);
}

TEST(Pools, AWorkerWhoseClockIsAMomentBehindSpendsFromTheNewWindow) {
  Pools pools(100);
  EXPECT_EQ(pools.spend({1, 2}, allowance(2)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({1, 2}, allowance(2, kMinute + 60)).outcome, Outcome::Admitted);
  const Spent late = pools.spend({1, 2}, allowance(2));
  EXPECT_EQ(late.outcome, Outcome::Admitted);
  EXPECT_EQ(late.window_end_s, kMinute + 120);
  EXPECT_EQ(pools.spend({1, 2}, allowance(2)).outcome, Outcome::Exhausted);
}

TEST(Pools, AClockThatWasSetBackDoesNotLockCallersOut) {
  Pools pools(100);
  EXPECT_EQ(pools.spend({1, 2}, allowance(1, kMinute + 6000)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({1, 2}, allowance(1)).outcome, Outcome::Admitted);
}

TEST(Pools, KeysAreApart) {
  Pools pools(100);
  EXPECT_EQ(pools.spend({1, 2}, allowance(1)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({1, 3}, allowance(1)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({2, 2}, allowance(1)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.size(), 3U);
}

TEST(Pools, OverageIsCountedAndPasses) {
  Pools pools(100);
  Allowance lenient = allowance(1);
  lenient.lets_overage_pass = true;
  EXPECT_EQ(pools.spend({1, 2}, lenient).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({1, 2}, lenient).outcome, Outcome::Over);
  EXPECT_EQ(pools.peek({1, 2}, lenient.window).used, 2U);
}

TEST(Pools, GiveBackUndoesOneSpend) {
  Pools pools(100);
  const Spent spent = pools.spend({1, 2}, allowance(1));
  pools.give_back(spent.pool_index, spent.window_end_s);
  EXPECT_EQ(pools.peek({1, 2}, allowance(1).window).used, 0U);
  EXPECT_EQ(pools.spend({1, 2}, allowance(1)).outcome, Outcome::Admitted);
}

TEST(Pools, GiveBackAfterTheWindowDoesNothing) {
  Pools pools(100);
  const Spent spent = pools.spend({1, 2}, allowance(5));
  EXPECT_EQ(pools.spend({1, 2}, allowance(5, kMinute + 60)).outcome, Outcome::Admitted);
  pools.give_back(spent.pool_index, spent.window_end_s);
  EXPECT_EQ(pools.peek({1, 2}, allowance(5, kMinute + 60).window).used, 1U);
}

TEST(Pools, ANewKeyThatFindsNoRoomIsFullAndOldOnesStillCount) {
  Pools pools(5);
  ASSERT_EQ(pools.cell_count(), 8U);
  for (uint64_t key = 0; key < 8; ++key)
    EXPECT_EQ(pools.spend({key, key}, allowance(2)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({8, 8}, allowance(2)).outcome, Outcome::Full);
  EXPECT_EQ(pools.spend({3, 3}, allowance(2)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({3, 3}, allowance(2)).outcome, Outcome::Exhausted);
}

TEST(Pools, PoolsWhoseWindowIsOverMakeRoom) {
  Pools pools(5);
  for (uint64_t key = 0; key < 8; ++key)
    EXPECT_EQ(pools.spend({key, key}, allowance(2)).outcome, Outcome::Admitted);
  Allowance later = allowance(2, kMinute + 60);
  EXPECT_EQ(pools.spend({8, 8}, later).outcome, Outcome::Full)
      << "other workers' clocks may be a moment behind";
  later.now_s += Pools::kGraceSeconds;
  for (uint64_t key = 8; key < 16; ++key)
    EXPECT_EQ(pools.spend({key, key}, later).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.size(), 8U);
  EXPECT_EQ(pools.spend({0, 0}, later).outcome, Outcome::Full);
}

TEST(Pools, AsManyKeysAsWerePromisedFindRoom) {
  for (uint32_t seed = 1; seed < 20; ++seed) {
    Pools pools(10'000);
    std::mt19937_64 random(seed);
    size_t admitted = 0;
    for (int i = 0; i < 10'000; ++i)
      admitted += pools.spend({random(), random()}, allowance(1)).outcome == Outcome::Admitted;
    EXPECT_EQ(admitted, 10'000U) << seed;
  }
}

TEST(Pools, ACountBeyondTheWordIsHeldAtWhatItCanCount) {
  Pools pools(8);
  EXPECT_EQ(pools.spend({1, 1}, allowance(UINT64_MAX)).outcome, Outcome::Admitted);
  EXPECT_EQ(pools.spend({1, 1}, allowance(UINT64_MAX)).outcome, Outcome::Admitted);
}

// Runs `work(thread index)` on several threads at once.
template <class Work>
void run_together(uint32_t thread_count, Work work) {
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < thread_count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

TEST(Pools, SeveralThreadsAdmitExactlyTheLimit) {
  for (uint32_t round = 0; round < 20; ++round) {
    Pools pools(1000);
    std::atomic<uint64_t> admitted{0};
    run_together(4, [&](uint32_t) {
      uint64_t mine = 0;
      for (int i = 0; i < 1000; ++i)
        mine += pools.spend({round, 5}, allowance(100)).outcome == Outcome::Admitted;
      admitted += mine;
    });
    EXPECT_EQ(admitted.load(), 100U);
    EXPECT_EQ(pools.size(), 1U);
  }
}

// Every thread spends on every key over several windows and gives some back; what stays admitted
// never exceeds the limit of a key and window, and keys are inserted by all threads at once into a
// table that has to overwrite.
TEST(Pools, ExactUnderInsertionOverwritingAndGiveBack) {
  constexpr uint32_t kKeys = 60;
  constexpr uint32_t kWindows = 6;
  constexpr uint64_t kLimit = 25;
  constexpr uint32_t kThreads = 4;
  for (uint32_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    Pools pools(60);
    std::atomic<uint32_t> arrived{0};
    std::array<std::array<std::atomic<uint64_t>, kKeys>, kWindows> kept{};
    run_together(kThreads, [&](uint32_t thread) {
      std::minstd_rand random(seed * kThreads + thread + 1);
      for (uint32_t window = 0; window < kWindows; ++window) {
        Allowance now = allowance(kLimit, kMinute + window * 120, 60);
        now.now_s += Pools::kGraceSeconds;
        for (uint32_t i = 0; i < kKeys * 40; ++i) {
          const uint32_t key = static_cast<uint32_t>(random() % kKeys);
          const uint64_t mixed = (uint64_t{key} + window * 1000) * 0x9e3779b97f4a7c15ULL;
          const Spent spent = pools.spend({mixed, mixed * 31}, now);
          if (spent.outcome != Outcome::Admitted) continue;
          if (random() % 4 == 0) {
            pools.give_back(spent.pool_index, spent.window_end_s);
          } else {
            ++kept[window][key];
          }
        }
        // All threads leave a window together, as clocks do.
        ++arrived;
        while (arrived.load() < (window + 1) * kThreads) std::this_thread::yield();
      }
    });
    for (const auto& of_window : kept) {
      for (const auto& of_key : of_window) EXPECT_LE(of_key.load(), kLimit);
    }
    EXPECT_LE(pools.size(), pools.cell_count());
  }
}

// Property: over any run, look() says beforehand what spend() then does.
TEST(Pools, LookSaysWhatSpendWillDoAndSpendsNothing) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    std::minstd_rand random(seed + 1);
    const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
    Pools pools(5);  // 8 cells for 12 keys: some find no room.
    uint32_t now_s = kMinute;
    for (int i = 0; i < 400; ++i) {
      now_s += below(8);
      const uint64_t key = below(12);
      Allowance asked = allowance(1 + below(6), now_s);
      asked.lets_overage_pass = below(4) == 0;
      const size_t cells = pools.size();
      const Outlook outlook = pools.look({key, key}, asked);
      const Outlook again = pools.look({key, key}, asked);
      ASSERT_EQ(outlook.outcome, again.outcome);
      ASSERT_EQ(outlook.now.used, again.now.used);
      ASSERT_EQ(pools.size(), cells);
      const Spent spent = pools.spend({key, key}, asked);
      ASSERT_EQ(spent.outcome, outlook.outcome);
      ASSERT_EQ(spent.window_end_s, outlook.now.window_end_s);
      const bool counts = spent.outcome == Outcome::Admitted || spent.outcome == Outcome::Over;
      if (spent.outcome == Outcome::Full) continue;
      ASSERT_EQ(pools.look({key, key}, asked).now.used, outlook.now.used + (counts ? 1 : 0));
    }
  }
}

}  // namespace
}  // namespace apim::throttle
