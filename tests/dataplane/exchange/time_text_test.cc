// What the time texts promise: WSO2's form and RFC 9110's, in UTC.

#include "exchange/time_text.h"

#include <gtest/gtest.h>

#include <array>

namespace apim {
namespace {

std::string access_time(uint64_t unix_s) {
  std::array<char, kAccessTimeBytes> buffer;
  return std::string(access_time_text(unix_s, buffer));
}

std::string http_date(uint64_t unix_s) {
  std::array<char, kHttpDateBytes> buffer;
  return std::string(http_date_text(unix_s, buffer));
}

TEST(TimeText, AccessTimeIsWso2sPattern) {
  EXPECT_EQ(access_time(1'787'392'860), "2026-Aug-22 10:01:00+0000 UTC");
  EXPECT_EQ(access_time(0), "1970-Jan-01 00:00:00+0000 UTC");
  EXPECT_EQ(access_time(1'709'251'199), "2024-Feb-29 23:59:59+0000 UTC");
}

TEST(TimeText, HttpDateIsRfc9110s) {
  EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(1'787'392'860), "Sat, 22 Aug 2026 10:01:00 GMT");
}

TEST(TimeText, FarFuturesStandStill) {
  EXPECT_EQ(http_date(UINT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(access_time(UINT64_MAX), "9999-Dec-31 23:59:59+0000 UTC");
}

}  // namespace
}  // namespace apim
