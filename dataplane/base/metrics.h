// Metrics: what each worker counts, summed when somebody asks. base/metrics.def is the only list.
//
// A worker writes its own cache lines with relaxed stores and never reads
// another's, so counting costs an add. Any thread may sum: values are then a few
// nanoseconds old and each one is whole, but two of them need not agree.

#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/result.h"

namespace apim {

enum class Counter : uint8_t {
#define COUNTER(id, name, labels, help) id,
#define GAUGE(id, name, help)
#define HISTOGRAM(id, name, help)
#include "base/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
  kCount
};

enum class Gauge : uint8_t {
#define COUNTER(id, name, labels, help)
#define GAUGE(id, name, help) id,
#define HISTOGRAM(id, name, help)
#include "base/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
  kCount
};

enum class Histogram : uint8_t {
#define COUNTER(id, name, labels, help)
#define GAUGE(id, name, help)
#define HISTOGRAM(id, name, help) id,
#include "base/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
  kCount
};

// Bucket i holds durations up to bucket_bound_us(i); the last one holds everything longer.
inline constexpr size_t kBucketCount = 20;
constexpr uint64_t bucket_bound_us(size_t index) { return uint64_t{32} << index; }
constexpr size_t bucket_of(uint64_t us) {
  const auto index = static_cast<size_t>(std::bit_width((us - (us > 0)) >> 5));
  return index < kBucketCount ? index : kBucketCount - 1;
}

// A number with one writer.
class Cell {
 public:
  void add(uint64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// What finish() knows of a request.
struct RequestOutcome {
  uint16_t status = 0;                  // Sent to the client; 0: it vanished before.
  FaultCode fault = FaultCode::kCount;  // kCount: none.
  uint64_t request_bytes = 0;
  uint64_t response_bytes = 0;
  uint64_t duration_us = 0;
  uint64_t backend_us = 0;
  bool forwarded = false;  // backend_us counts.
};

// One worker's numbers. Written by that worker only.
class alignas(64) WorkerMetrics {
 public:
  void add(Counter counter, uint64_t amount = 1) { counters_[index_of(counter)].add(amount); }
  void raise(Gauge gauge) { gauges_[index_of(gauge)].add(1); }
  void lower(Gauge gauge) { gauges_[index_of(gauge)].add(~uint64_t{0}); }
  void observe(Histogram histogram, uint64_t us) {
    Buckets& buckets = histograms_[index_of(histogram)];
    buckets.counts[bucket_of(us)].add(1);
    buckets.sum_us.add(us);
  }
  void count_fault(FaultCode code) {
    assert(code < FaultCode::kCount);
    faults_[static_cast<size_t>(code)].add(1);
  }
  // Status class, fault, bytes and both durations in one call.
  void count_request(const RequestOutcome& outcome);

 private:
  friend class Metrics;
  template <class Id>
  static constexpr size_t index_of(Id id) {
    return static_cast<size_t>(id);
  }
  struct Buckets {
    std::array<Cell, kBucketCount> counts;
    Cell sum_us;
  };

  std::array<Cell, static_cast<size_t>(Counter::kCount)> counters_;
  std::array<Cell, static_cast<size_t>(Gauge::kCount)> gauges_;
  std::array<Buckets, static_cast<size_t>(Histogram::kCount)> histograms_;
  std::array<Cell, static_cast<size_t>(FaultCode::kCount)> faults_;
};

// Everything summed over the workers.
struct MetricTotals {
  struct Buckets {
    std::array<uint64_t, kBucketCount> counts{};
    uint64_t sum_us = 0;
  };
  std::array<uint64_t, static_cast<size_t>(Counter::kCount)> counters{};
  std::array<uint64_t, static_cast<size_t>(Gauge::kCount)> gauges{};
  std::array<Buckets, static_cast<size_t>(Histogram::kCount)> histograms{};
  std::array<uint64_t, static_cast<size_t>(FaultCode::kCount)> faults{};

  uint64_t of(Counter counter) const { return counters[static_cast<size_t>(counter)]; }
  uint64_t of(Gauge gauge) const { return gauges[static_cast<size_t>(gauge)]; }
  uint64_t of(FaultCode code) const { return faults[static_cast<size_t>(code)]; }
  const Buckets& of(Histogram histogram) const {
    return histograms[static_cast<size_t>(histogram)];
  }
};

// Owns the numbers of all workers; lives as long as the process serves.
class Metrics {
 public:
  explicit Metrics(size_t worker_count);

  size_t worker_count() const { return worker_count_; }
  WorkerMetrics& worker(size_t index) {
    assert(index < worker_count_);
    return workers_[index];
  }
  MetricTotals sum() const;

 private:
  size_t worker_count_;
  std::unique_ptr<WorkerMetrics[]> workers_;
};

}  // namespace apim
