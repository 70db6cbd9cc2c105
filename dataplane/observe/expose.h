// Expose: the metrics as Prometheus text (exposition format 0.0.4).

#pragma once

#include <cstdint>
#include <string>

#include "base/metrics.h"

namespace apim::observe {

// Numbers that no worker counts.
struct ProcessGauges {
  uint64_t snapshot_epoch = 0;     // 0: none.
  uint64_t snapshot_age_s = 0;     // Since it was created.
  uint64_t snapshot_refusals = 0;  // Since start.
  uint64_t snapshot_images = 0;    // In memory; more than one while requests of an older one run.
  uint64_t hub_errors = 0;         // Times the hub could not be read.
  uint64_t access_dropped = 0;
  uint64_t counters_used = 0;    // Callers counted by throttling now.
  uint64_t memory_pressure = 0;  // 0: none; up to 4.
  uint64_t worker_count = 0;
  bool ready = false;
};

inline constexpr const char* kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

std::string expose(const MetricTotals& totals, const ProcessGauges& gauges);

}  // namespace apim::observe
