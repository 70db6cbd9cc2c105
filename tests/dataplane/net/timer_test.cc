// What deadlines promise: never early, at most two slots late, however often they are moved.

#include "net/timer.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace apim::net {
namespace {

class Probe final : public Deadline {
 public:
  void on_due() override { ++fired_count; }
  int fired_count = 0;
};

TEST(Timer, FiresOnceNeverEarlyAndSoon) {
  for (uint64_t delay = 1; delay < 200; delay += 7) {
    Wheel wheel(1000);
    Probe probe;
    wheel.arm(probe, 1000 + delay);
    uint64_t now = 1000;
    while (probe.fired_count == 0) wheel.turn(++now);
    EXPECT_GE(now, 1000 + delay);
    EXPECT_LE(now, 1000 + delay + 2 * Wheel::kSlotMs);
    EXPECT_FALSE(probe.armed());
    wheel.turn(now + 100'000);
    EXPECT_EQ(probe.fired_count, 1);
    EXPECT_TRUE(wheel.empty());
  }
}

TEST(Timer, ADisarmedOneStaysSilent) {
  Wheel wheel(1000);
  Probe probe;
  wheel.arm(probe, 1100);
  wheel.disarm(probe);
  wheel.turn(5000);
  EXPECT_EQ(probe.fired_count, 0);
}

TEST(Timer, ADestroyedOneIsForgotten) {
  Wheel wheel(1000);
  auto first = std::make_unique<Probe>();
  Probe second;
  wheel.arm(*first, 1100);
  wheel.arm(second, 1100);
  first.reset();
  wheel.turn(2000);
  EXPECT_EQ(second.fired_count, 1);
}

class Rearming final : public Deadline {
 public:
  explicit Rearming(Wheel& wheel) : wheel_(wheel) {}
  void on_due() override {
    ++fired_count;
    wheel_.arm(*this, 1);  // Long past: a later turn's.
  }
  int fired_count = 0;

 private:
  Wheel& wheel_;
};

TEST(Timer, OneThatArmsItselfDoesNotSpin) {
  Wheel wheel(1000);
  Rearming probe(wheel);
  wheel.arm(probe, 1010);
  wheel.turn(1064);
  const int before = probe.fired_count;
  EXPECT_GE(before, 1);
  EXPECT_LE(before, 2);
}

// Property: moved at random, none fires before its time or is lost.
TEST(Timer, MovedAtRandomNoneIsEarlyOrLost) {
  std::minstd_rand random(7);
  Wheel wheel(1000);
  struct Tracked final : Deadline {
    void on_due() override { has_fired = true; }
    uint64_t due = 0;
    bool has_fired = true;
  };
  std::vector<std::unique_ptr<Tracked>> all;
  for (int i = 0; i < 50; ++i) all.push_back(std::make_unique<Tracked>());
  uint64_t now = 1000;
  for (int round = 0; round < 20'000; ++round) {
    Tracked& one = *all[random() % all.size()];
    one.due = now + 1 + random() % 60'000;
    one.has_fired = false;
    wheel.arm(one, one.due);
    now += random() % 40;
    wheel.turn(now);
    for (const auto& each : all) {
      if (each->has_fired) {
        ASSERT_LE(each->due, now);
      } else {
        ASSERT_GE(each->due + 2 * Wheel::kSlotMs, now);
      }
    }
  }
}

}  // namespace
}  // namespace apim::net
