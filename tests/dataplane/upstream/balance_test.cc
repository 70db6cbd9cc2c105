// What balancing promises: turns, preference, and suspensions that begin, grow and end as WSO2's
// do.

#include "upstream/balance.h"

#include <gtest/gtest.h>

#include "support_api.h"

namespace apim::upstream {
namespace {

constexpr uint32_t kRefused = 101503;
constexpr uint32_t kTimeout = 101504;

TEST(Balance, RoundRobinTakesTurnsAndSkipsWhatWasTried) {
  const ApiUnderTest under_test(fbs::Balance::RoundRobin, {{.key = 1}, {.key = 2}, {.key = 3}});
  Balance balance;
  for (uint32_t i = 0; i < 9; ++i) {
    EXPECT_EQ(balance.choose(under_test.api(), under_test.group(), 0, 1)->position, i % 3);
  }
  EXPECT_EQ(balance.choose(under_test.api(), under_test.group(), 0b001, 1)->position, 1U);
  EXPECT_EQ(balance.choose(under_test.api(), under_test.group(), 0b111, 1).error().code,
            FaultCode::NoBackendReady);
}

TEST(Balance, FailoverPrefersTheFirstThatIsReady) {
  const ApiUnderTest under_test(fbs::Balance::Failover,
                                {{.key = 1, .suspend_ms = 100}, {.key = 2}});
  Balance balance;
  EXPECT_EQ(balance.choose(under_test.api(), under_test.group(), 0, 1000)->position, 0U);
  balance.on_failure(under_test.site(0), kRefused, 1000);
  EXPECT_EQ(balance.choose(under_test.api(), under_test.group(), 0, 1099)->position, 1U);
  EXPECT_EQ(balance.choose(under_test.api(), under_test.group(), 0, 1100)->position, 0U);
}

TEST(Balance, APlainEndpointIsNeverSuspended) {
  const ApiUnderTest under_test(fbs::Balance::Single, {{.key = 1}});
  Balance balance;
  for (int i = 0; i < 100; ++i) balance.on_failure(under_test.site(), kRefused, 1000);
  EXPECT_TRUE(balance.choose(under_test.api(), under_test.group(), 0, 1000));
}

TEST(Balance, ASuspendedSingleEndpointSaysSo) {
  const ApiUnderTest under_test(fbs::Balance::Single, {{.key = 1, .suspend_ms = 100}});
  Balance balance;
  balance.on_failure(under_test.site(), kRefused, 1000);
  EXPECT_EQ(balance.choose(under_test.api(), under_test.group(), 0, 1050).error().code,
            FaultCode::BackendSuspended);
}

TEST(Balance, SuspensionsGrowToTheirBoundAndASuccessClearsThem) {
  const ApiUnderTest under_test(
      fbs::Balance::Single,
      {{.key = 1, .suspend_ms = 100, .suspend_max_ms = 350, .suspend_factor = 2.0F}});
  Balance balance;
  uint64_t now = 1000;
  for (const uint64_t length : {100U, 200U, 350U, 350U}) {
    balance.on_failure(under_test.site(), kRefused, now);
    EXPECT_FALSE(balance.is_ready(under_test.site(), now + length - 1)) << length;
    EXPECT_TRUE(balance.is_ready(under_test.site(), now + length)) << length;
    now += length;
  }
  balance.on_success(under_test.site());
  balance.on_failure(under_test.site(), kRefused, now);
  EXPECT_TRUE(balance.is_ready(under_test.site(), now + 100));
}

TEST(Balance, OnlyListedCodesSuspend) {
  const ApiUnderTest under_test(fbs::Balance::Single,
                                {{.key = 1, .suspend_ms = 100, .suspend_codes = {kTimeout}}});
  Balance balance;
  balance.on_failure(under_test.site(), kRefused, 1000);
  EXPECT_TRUE(balance.is_ready(under_test.site(), 1000));
  balance.on_failure(under_test.site(), kTimeout, 1000);
  EXPECT_FALSE(balance.is_ready(under_test.site(), 1000));
}

TEST(Balance, RetryCodesWaitFirstAndSuspendAfterTheirCount) {
  const ApiUnderTest under_test(fbs::Balance::Single, {{.key = 1,
                                                        .suspend_ms = 1000,
                                                        .retry_codes = {kTimeout},
                                                        .retry_count = 2,
                                                        .retry_delay_ms = 10}});
  Balance balance;
  for (uint64_t now : {1000U, 1010U}) {
    balance.on_failure(under_test.site(), kTimeout, now);
    EXPECT_FALSE(balance.is_ready(under_test.site(), now + 9));
    EXPECT_TRUE(balance.is_ready(under_test.site(), now + 10));
  }
  balance.on_failure(under_test.site(), kTimeout, 1020);
  EXPECT_FALSE(balance.is_ready(under_test.site(), 2019));
  EXPECT_TRUE(balance.is_ready(under_test.site(), 2020));
}

TEST(Balance, TheSameUrlInTheOtherGroupIsNotSuspendedWithIt) {
  const ApiUnderTest under_test(fbs::Balance::Single, {{.key = 1, .suspend_ms = 100}}, true);
  Balance balance;
  balance.on_failure(under_test.site(), kRefused, 1000);
  EXPECT_FALSE(balance.choose(under_test.api(), under_test.group(), 0, 1050));
  EXPECT_TRUE(balance.choose(under_test.api(), *under_test.api().sandbox(), 0, 1050));
}

TEST(Balance, AnotherPathOnTheSameHostIsAnotherEndpoint) {
  const ApiUnderTest under_test(
      fbs::Balance::Failover,
      {{.key = 1, .suspend_ms = 100, .path = "/a"}, {.key = 1, .suspend_ms = 100, .path = "/b"}});
  Balance balance;
  balance.on_failure(under_test.site(0), kRefused, 1000);
  EXPECT_FALSE(balance.is_ready(under_test.site(0), 1050));
  EXPECT_TRUE(balance.is_ready(under_test.site(1), 1050));
}

TEST(Balance, FailuresOfOneMomentSuspendOnce) {
  const ApiUnderTest under_test(fbs::Balance::Single,
                                {{.key = 1, .suspend_ms = 100, .suspend_factor = 10.0F}});
  Balance balance;
  for (uint64_t now = 1000; now < 1050; ++now) balance.on_failure(under_test.site(), kRefused, now);
  EXPECT_TRUE(balance.is_ready(under_test.site(), 1100));
}

TEST(Balance, AHugeFactorStaysBounded) {
  const ApiUnderTest under_test(fbs::Balance::Single,
                                {{.key = 1, .suspend_ms = 100, .suspend_factor = 1e30F}});
  constexpr uint64_t kDayMs = uint64_t{24} * 3600 * 1000;
  Balance balance;
  balance.on_failure(under_test.site(), kRefused, 1000);
  balance.on_failure(under_test.site(), kRefused, 1100);
  EXPECT_FALSE(balance.is_ready(under_test.site(), 1100 + kDayMs - 1));
  EXPECT_TRUE(balance.is_ready(under_test.site(), 1100 + kDayMs));
}

TEST(Balance, OldTroublesMakeRoomForNewOnes) {
  std::vector<EndpointSpec> specs;
  for (uint64_t key = 1; key <= Balance::kTroublesMax + 1; ++key)
    specs.push_back({.key = key, .suspend_ms = 100});
  const ApiUnderTest under_test(fbs::Balance::RoundRobin, specs);
  Balance balance;
  for (uint32_t i = 0; i < Balance::kTroublesMax; ++i)
    balance.on_failure(under_test.site(i), kRefused, 1000);
  const auto last = under_test.site(Balance::kTroublesMax);
  balance.on_failure(last, kRefused, 1050);
  EXPECT_TRUE(balance.is_ready(last, 1050));  // No room while all of them rest.
  const uint64_t later = 1101 + Balance::kRestedMs;
  balance.on_failure(last, kRefused, later);
  EXPECT_FALSE(balance.is_ready(last, later));
}

}  // namespace
}  // namespace apim::upstream
