// What the counters promise: each worker counts alone, everybody may sum.

#include "base/metrics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace apim {
namespace {

TEST(Metrics, SumsOverWorkers) {
  Metrics metrics(3);
  for (size_t i = 0; i < 3; ++i) metrics.worker(i).add(Counter::UpstreamOpened, i + 1);
  EXPECT_EQ(metrics.sum().of(Counter::UpstreamOpened), 6u);
  EXPECT_EQ(metrics.sum().of(Counter::UpstreamReused), 0u);
}

TEST(Metrics, AGaugeRaisedByOneWorkerAndLoweredByAnotherIsZero) {
  Metrics metrics(2);
  metrics.worker(0).raise(Gauge::ConnectionsOpen);
  metrics.worker(1).lower(Gauge::ConnectionsOpen);
  EXPECT_EQ(metrics.sum().of(Gauge::ConnectionsOpen), 0u);
}

TEST(Metrics, BucketsHoldUpToTheirBound) {
  EXPECT_EQ(bucket_of(0), 0u);
  for (size_t i = 0; i + 1 < kBucketCount; ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(bucket_of(bucket_bound_us(i)), i);
    EXPECT_EQ(bucket_of(bucket_bound_us(i) + 1), i + 1);
  }
  EXPECT_EQ(bucket_of(~uint64_t{0}), kBucketCount - 1);
}

TEST(Metrics, ARequestCountsInItsClassFaultBytesAndDurations) {
  Metrics metrics(1);
  metrics.worker(0).count_request({.status = 429,
                                   .fault = FaultCode::ThrottledSubscription,
                                   .request_bytes = 3,
                                   .response_bytes = 5,
                                   .duration_us = 100,
                                   .backend_us = 0,
                                   .forwarded = false});
  metrics.worker(0).count_request({.status = 200,
                                   .fault = FaultCode::kCount,
                                   .request_bytes = 10,
                                   .response_bytes = 20,
                                   .duration_us = 1000,
                                   .backend_us = 900,
                                   .forwarded = true});
  const MetricTotals totals = metrics.sum();
  EXPECT_EQ(totals.of(Counter::Requests4xx), 1u);
  EXPECT_EQ(totals.of(Counter::Requests2xx), 1u);
  EXPECT_EQ(totals.of(FaultCode::ThrottledSubscription), 1u);
  EXPECT_EQ(totals.of(Counter::RequestBytes), 13u);
  EXPECT_EQ(totals.of(Counter::ResponseBytes), 25u);
  EXPECT_EQ(totals.of(Histogram::RequestDuration).sum_us, 1100u);
  EXPECT_EQ(totals.of(Histogram::BackendDuration).sum_us, 900u);
  EXPECT_EQ(totals.of(Histogram::BackendDuration).counts[bucket_of(900)], 1u);
}

TEST(Metrics, AVanishedClientIsAnAbortedRequest) {
  Metrics metrics(1);
  metrics.worker(0).count_request({});
  EXPECT_EQ(metrics.sum().of(Counter::RequestsAborted), 1u);
}

TEST(Metrics, SummingWhileWorkersCountNeverGoesBackwards) {
  constexpr uint64_t kEach = 200'000;
  Metrics metrics(2);
  std::vector<std::thread> workers;
  for (size_t i = 0; i < 2; ++i) {
    workers.emplace_back([&metrics, i] {
      for (uint64_t n = 0; n < kEach; ++n) metrics.worker(i).add(Counter::Requests2xx);
    });
  }
  uint64_t last = 0;
  while (last < 2 * kEach) {
    const uint64_t now = metrics.sum().of(Counter::Requests2xx);
    ASSERT_GE(now, last);
    last = now;
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(metrics.sum().of(Counter::Requests2xx), 2 * kEach);
}

}  // namespace
}  // namespace apim
