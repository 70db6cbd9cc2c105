// What a Window promises: it holds the moment, is aligned, and the next begins where it ends.

#include "throttle/window.h"

#include <gtest/gtest.h>

namespace apim::throttle {
namespace {

using fbs::TimeUnit;

fbs::Limit limit(uint32_t unit_time, TimeUnit unit) {
  return {1, unit_time, unit, fbs::QuotaKind::Requests};
}

constexpr uint64_t kNow = 1'787'393'475;  // Saturday 22 August 2026, 10:11:15 UTC

TEST(Window, ShortUnitsAreMultiplesSinceTheEpoch) {
  EXPECT_EQ(window_at(limit(1, TimeUnit::Second), kNow).begin_s, kNow);
  EXPECT_EQ(window_at(limit(10, TimeUnit::Second), kNow).begin_s, 1'787'393'470U);
  EXPECT_EQ(window_at(limit(1, TimeUnit::Minute), kNow).begin_s, 1'787'393'460U);
  EXPECT_EQ(window_at(limit(1, TimeUnit::Hour), kNow).begin_s, 1'787'392'800U);
  EXPECT_EQ(window_at(limit(1, TimeUnit::Day), kNow).begin_s, 1'787'356'800U);
  EXPECT_EQ(window_at(limit(1, TimeUnit::Week), kNow).begin_s % 604'800, 0U);
}

TEST(Window, MonthsAndYearsAreTheCalendars) {
  const Window month = window_at(limit(1, TimeUnit::Month), kNow);
  EXPECT_EQ(month.begin_s, 1'785'542'400U);  // 1 August 2026
  EXPECT_EQ(month.end_s, 1'788'220'800U);    // 1 September 2026
  const Window year = window_at(limit(1, TimeUnit::Year), kNow);
  EXPECT_EQ(year.begin_s, 1'767'225'600U);  // 1 January 2026
  EXPECT_EQ(year.end_s, 1'798'761'600U);    // 1 January 2027
  const Window quarter = window_at(limit(3, TimeUnit::Month), kNow);
  EXPECT_EQ(quarter.begin_s, 1'782'864'000U);  // 1 July 2026
  EXPECT_EQ(quarter.end_s, 1'790'812'800U);    // 1 October 2026
}

TEST(Window, FebruaryOfALeapYearHas29Days) {
  const Window month = window_at(limit(1, TimeUnit::Month), 1'709'200'000);  // 29 February 2024
  EXPECT_EQ(month.end_s - month.begin_s, 29U * 86'400U);
}

TEST(Window, EveryUnitHoldsTheMomentAndTheNextBeginsAtItsEnd) {
  for (const TimeUnit unit : fbs::EnumValuesTimeUnit()) {
    for (const uint32_t unit_time : {1U, 2U, 7U}) {
      for (uint64_t now = kNow; now < kNow + 400ULL * 86'400; now += 1'234'567) {
        const Window window = window_at(limit(unit_time, unit), now);
        ASSERT_LE(window.begin_s, now);
        ASSERT_GT(window.end_s, now);
        ASSERT_EQ(window_at(limit(unit_time, unit), window.end_s).begin_s, window.end_s);
        ASSERT_EQ(window_at(limit(unit_time, unit), window.end_s - 1).begin_s, window.begin_s);
      }
    }
  }
}

}  // namespace
}  // namespace apim::throttle
