// What the watchdog promises: each stall is told of once, with where its thread was.

#include "gate/watchdog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <optional>

#include "net/wake.h"

namespace apim::gate {
namespace {

using testing::HasSubstr;

// A loop on a thread of its own, which can be made to stall.
class Runner {
 public:
  Runner(Watchdog& watchdog, uint8_t worker) : wake_(loop_) {
    thread_ = std::thread([this, &watchdog, worker] {
      const Watchdog::Watch watch(watchdog, loop_, worker);
      loop_.run();
    });
  }
  ~Runner() {
    go_on();
    wake_.post([this] {
      wake_.leave();
      loop_.stop();
    });
    thread_.join();
  }

  // Returns once a turn of the loop is held up: when it began. Precondition: none is.
  uint64_t stall() {
    wake_.post([this] {
      std::unique_lock lock(mutex_);
      stalled_ns_ = loop_.now_ns();
      changed_.notify_all();
      changed_.wait(lock, [this] { return stalled_ns_ == 0; });
    });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stalled_ns_ != 0; });
    return stalled_ns_;
  }
  void go_on() {
    const std::lock_guard guard(mutex_);
    stalled_ns_ = 0;
    changed_.notify_all();
  }

 private:
  net::Loop loop_;
  net::Wake wake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t stalled_ns_ = 0;
  std::thread thread_;
};

// What was reported, by the turn it was of.
class Reports {
 public:
  void add(const Stall& stall) {
    const std::lock_guard guard(mutex_);
    stalls_.push_back(stall);
    added_.notify_all();
  }
  Stall wait_for(uint64_t began_ns) {
    std::unique_lock lock(mutex_);
    std::optional<Stall> found;
    added_.wait(lock, [&] {
      for (const Stall& stall : stalls_) {
        if (stall.began_ns == began_ns) found = stall;
      }
      return found.has_value();
    });
    return *found;
  }
  std::ptrdiff_t count(uint64_t began_ns) {
    const std::lock_guard guard(mutex_);
    return std::ranges::count(stalls_, began_ns, &Stall::began_ns);
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<Stall> stalls_;
};

constexpr uint64_t kWarnMs = 20;

TEST(Watchdog, TellsOfAStallWhileItLastsAndWhereItIs) {
  Reports reports;
  Watchdog watchdog(kWarnMs, [&](const Stall& stall) { reports.add(stall); });
  Runner runner(watchdog, 7);
  const Stall stall = reports.wait_for(runner.stall());
  EXPECT_EQ(stall.worker, 7);
  EXPECT_GE(stall.busy_ms, kWarnMs);
  EXPECT_THAT(stall.stack, HasSubstr("+0x"));
}

TEST(Watchdog, TellsOfEachStallOnce) {
  Reports reports;
  Watchdog watchdog(kWarnMs, [&](const Stall& stall) { reports.add(stall); });
  Runner first(watchdog, 0);
  Runner second(watchdog, 1);
  const uint64_t first_ns = first.stall();
  EXPECT_EQ(reports.wait_for(first_ns).worker, 0);
  // Every look goes over all loops: while the first one stands still, the others are looked at
  // again and again.
  uint64_t second_ns = 0;
  for (int i = 0; i < 3; ++i) {
    second_ns = second.stall();
    const Stall stall = reports.wait_for(second_ns);
    EXPECT_EQ(stall.worker, 1);
    EXPECT_FALSE(stall.stack.empty());
    EXPECT_EQ(reports.count(second_ns), 1);
    second.go_on();
  }
  EXPECT_EQ(reports.count(first_ns), 1);
  first.go_on();
  const uint64_t again_ns = first.stall();
  EXPECT_GT(again_ns, first_ns);
  EXPECT_FALSE(reports.wait_for(again_ns).stack.empty());
  EXPECT_EQ(reports.count(first_ns), 1);
}

}  // namespace
}  // namespace apim::gate
