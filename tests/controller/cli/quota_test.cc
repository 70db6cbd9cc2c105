// What a Quota promises: what people write is what WSO2's REST gets.

#include "cli/quota.h"

#include <gtest/gtest.h>

namespace apim::cli {
namespace {

TEST(Quota, ReadsTheUsualForms) {
  const auto plain = parse_quota("100/min");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->count, 100U);
  EXPECT_EQ(plain->unit_time, 1U);
  EXPECT_EQ(plain->unit, "min");
  const auto several = parse_quota("5/10s");
  ASSERT_TRUE(several);
  EXPECT_EQ(several->unit_time, 10U);
  EXPECT_EQ(several->unit, "sec");
  EXPECT_EQ(parse_quota("1/hours")->unit, "hour");
}

TEST(Quota, RefusesEverythingElse) {
  for (const char* bad :
       {"", "many", "100", "100/", "/min", "0/min", "5/0s", "-5/min", "5/fortnight", "1e3/min",
        "5 /min", "99999999999999999999/min", "5/99999999999s"}) {
    const auto quota = parse_quota(bad);
    ASSERT_FALSE(quota) << bad;
    EXPECT_EQ(quota.error().exit, Exit::Usage);
  }
}

TEST(Quota, ShowsWhatItWrote) {
  EXPECT_EQ(show_limit(to_limit(*parse_quota("100/min"))), "100 per min");
  EXPECT_EQ(show_limit(to_limit(*parse_quota("5/10s"))), "5 per 10 sec");
}

TEST(Quota, ShowsTheOtherKindsAndWhatIsOdd) {
  EXPECT_EQ(show_limit(nullptr), "unlimited");
  EXPECT_EQ(show_limit({{"type", "REQUESTCOUNTLIMIT"},
                        {"requestCount", {{"requestCount", 2147483647}, {"timeUnit", "min"}}}}),
            "unlimited");
  EXPECT_EQ(
      show_limit({{"type", "BANDWIDTHLIMIT"},
                  {"bandwidth", {{"dataAmount", 10}, {"dataUnit", "MB"}, {"timeUnit", "hour"}}}}),
      "10 MB per hour");
  EXPECT_EQ(show_limit({{"type", "EVENTCOUNTLIMIT"},
                        {"eventCount", {{"eventCount", 7}, {"timeUnit", "day"}}}}),
            "7 events per day");
  EXPECT_EQ(show_limit({{"type", "REQUESTCOUNTLIMIT"}, {"requestCount", nullptr}}),
            "REQUESTCOUNTLIMIT");
}

}  // namespace
}  // namespace apim::cli
