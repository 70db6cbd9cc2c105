// What the ceiling promises: the pressure follows the memory, and the workers hear of it until it
// is over.

#include "gate/ceiling.h"

#include <gtest/gtest.h>

#include "dataplane/net/support_loop.h"

namespace apim::gate {
namespace {

using net::run_until;
using enum PressureLevel;

struct CeilingTest : testing::Test {
  ~CeilingTest() override { net::run_out(loop); }

  net::Loop loop;
  Pressure pressure;
};

TEST_F(CeilingTest, ThePressureFollowsTheMemory) {
  uint64_t used = 10;
  int looks = 0;
  int tells = 0;
  {
    Ceiling ceiling(
        loop, 100,
        [&] {
          ++looks;
          return used;
        },
        pressure, [&] { ++tells; });
    run_until(loop, [&] { return looks == 1; });
    EXPECT_EQ(pressure.level(), None);
    EXPECT_EQ(tells, 0);
    used = 93;
    run_until(loop, [&] { return tells == 2; });  // It lasts, so they hear of it again.
    EXPECT_EQ(pressure.level(), Refuses);
    used = 50;
    run_until(loop, [&] { return tells == 3; });
    EXPECT_EQ(pressure.level(), None);
    const int before = looks;
    run_until(loop, [&] { return looks == before + 1; });
    EXPECT_EQ(tells, 3);
  }
}

TEST_F(CeilingTest, WhoHoldsItBelowTheLimitDoesNotKeepOthersOutForEver) {
  uint64_t used = 93;
  uint32_t tells = 0;
  {
    Ceiling ceiling(
        loop, 100, [&] { return used; }, pressure, [&] { ++tells; });
    run_until(loop, [&] { return tells == Ceiling::kPatienceLooks; });
    EXPECT_EQ(pressure.level(), Refuses);
    run_until(loop, [&] { return tells == Ceiling::kPatienceLooks + 2; });
    EXPECT_EQ(pressure.level(), Resets);
    used = 88;
    run_until(loop, [&] { return pressure.level() == Closes; });
  }
}

TEST_F(CeilingTest, WhatIsOnlyFreedButNotGivenBackDoesNotCount) {
  int looks = 0;
  int tells = 0;
  {
    // As resident size does when the allocator gives back what it kept.
    Ceiling ceiling(
        loop, 100, [&] { return ++looks % 2 == 1 ? 100 : 20; }, pressure, [&] { ++tells; });
    run_until(loop, [&] { return looks == 4; });
    EXPECT_EQ(pressure.level(), None);
    EXPECT_EQ(tells, 0);
  }
}

}  // namespace
}  // namespace apim::gate
