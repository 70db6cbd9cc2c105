// What the levels promise: entered at their share, left a little below, and without a limit never.

#include "gate/pressure.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <utility>

namespace apim::gate {
namespace {

using enum PressureLevel;

constexpr uint64_t kLimit = 1000;
constexpr std::array<std::pair<PressureLevel, uint64_t>, 4> kShares{
    {{Closes, 850}, {Refuses, 920}, {Stops, 950}, {Resets, 1000}}};
constexpr std::array kLevels{None, Closes, Refuses, Stops, Resets};

TEST(Pressure, ALevelBeginsAtItsShareWhateverTheOneBefore) {
  for (const auto& [level, bytes] : kShares) {
    EXPECT_EQ(pressure_at(None, bytes, kLimit), level);
    EXPECT_LT(pressure_at(None, bytes - 1, kLimit), level);
    for (const PressureLevel before : kLevels) EXPECT_GE(pressure_at(before, bytes, kLimit), level);
  }
}

TEST(Pressure, ALevelEndsThreePointsBelowItsShare) {
  for (const auto& [level, bytes] : kShares) {
    EXPECT_EQ(pressure_at(level, bytes - 30, kLimit), level);
    EXPECT_LT(pressure_at(level, bytes - 31, kLimit), level);
  }
}

TEST(Pressure, FallsThroughLevelsThatAreLongOver) {
  EXPECT_EQ(pressure_at(Resets, 969, kLimit), Stops);
  EXPECT_EQ(pressure_at(Resets, 919, kLimit), Refuses);
  EXPECT_EQ(pressure_at(Resets, 100, kLimit), None);
}

TEST(Pressure, WithoutALimitThereIsNone) {
  for (const PressureLevel before : kLevels) {
    EXPECT_EQ(pressure_at(before, uint64_t{1} << 50, 0), None);
  }
}

// Property: a change of less than the slack around any size cannot make the level go up and down
// again.
TEST(Pressure, NoSwingWithinTheSlackFlaps) {
  std::minstd_rand random(1);
  const auto below = [&](uint64_t n) { return uint64_t{random()} % n; };
  for (int run = 0; run < 10'000; ++run) {
    const uint64_t around = below(1'100);
    PressureLevel level = pressure_at(None, around, kLimit);
    int rises = 0;
    for (int i = 0; i < 50; ++i) {
      const PressureLevel next = pressure_at(level, around + below(30), kLimit);
      EXPECT_GE(next, level);
      rises += next > level;
      level = next;
    }
    EXPECT_LE(rises, 1);
  }
}

TEST(Pressure, TheLevelIsReadAsItWasSet) {
  Pressure pressure;
  EXPECT_EQ(pressure.level(), None);
  EXPECT_TRUE(pressure.is_at_least(None));
  EXPECT_FALSE(pressure.is_at_least(Closes));
  pressure.set(Stops);
  EXPECT_EQ(pressure.level(), Stops);
  EXPECT_TRUE(pressure.is_at_least(Refuses));
  EXPECT_FALSE(pressure.is_at_least(Resets));
}

}  // namespace
}  // namespace apim::gate
