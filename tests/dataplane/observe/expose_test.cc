// What the exposition promises: text that Prometheus reads, every family once.

#include "observe/expose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace apim::observe {
namespace {

using testing::HasSubstr;

std::string page_of(const Metrics& metrics) {
  return expose(metrics.sum(), {.snapshot_epoch = 42,
                                .memory_pressure = 2,
                                .worker_count = metrics.worker_count(),
                                .ready = true});
}

TEST(Expose, CountersStandUnderTheirFamily) {
  Metrics metrics(1);
  metrics.worker(0).count_request({.status = 429, .fault = FaultCode::ThrottledSubscription});
  const std::string page = page_of(metrics);
  EXPECT_THAT(page, HasSubstr("# TYPE apim_requests_total counter\n"));
  EXPECT_THAT(page, HasSubstr("apim_requests_total{status=\"4xx\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("apim_throttled_total{level=\"subscription\"} 1\n"));
  EXPECT_THAT(page,
              HasSubstr("apim_faults_total{fault=\"ThrottledSubscription\",code=\"900804\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("apim_snapshot_epoch 42\n"));
  EXPECT_THAT(page, HasSubstr("apim_ready 1\n"));
  EXPECT_THAT(page, HasSubstr("apim_memory_pressure 2\n"));
  EXPECT_THAT(page, HasSubstr("apim_shed_total{what=\"request\"} 0\n"));
}

TEST(Expose, BucketsAreCumulativeAndEndAtTheCount) {
  Metrics metrics(1);
  metrics.worker(0).observe(Histogram::LoopLag, 10);
  metrics.worker(0).observe(Histogram::LoopLag, 40);
  metrics.worker(0).observe(Histogram::LoopLag, 3'000'000'000);
  const std::string page = page_of(metrics);
  EXPECT_THAT(page, HasSubstr("apim_loop_lag_seconds_bucket{le=\"0.000032\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("apim_loop_lag_seconds_bucket{le=\"0.000064\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("apim_loop_lag_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("apim_loop_lag_seconds_count 3\n"));
  EXPECT_THAT(page, HasSubstr("apim_loop_lag_seconds_sum 3000.000050\n"));
}

TEST(Expose, EveryFamilyIsDeclaredOnceAndEveryRowBelongsToTheLastOne) {
  std::istringstream page(page_of(Metrics(2)));
  std::set<std::string> families;
  std::set<std::string> rows;
  std::string family;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << line;
      EXPECT_GT(line.size(), 7 + family.size() + 1) << line;
      continue;
    }
    if (line.starts_with("# TYPE ")) continue;
    EXPECT_TRUE(line.starts_with(family)) << line;
    EXPECT_TRUE(rows.insert(line.substr(0, line.rfind(' '))).second) << line;
    const std::string value = line.substr(line.rfind(' ') + 1);
    double number = -1;
    EXPECT_EQ(std::from_chars(value.data(), value.data() + value.size(), number).ec, std::errc{});
    EXPECT_GE(number, 0) << line;
  }
  EXPECT_GT(families.size(), 15u);
}

}  // namespace
}  // namespace apim::observe
