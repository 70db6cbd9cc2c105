#include "base/metrics.h"

namespace apim {
namespace {

Counter class_of(uint16_t status) {
  switch (status / 100) {
    case 1: return Counter::Requests1xx;
    case 2: return Counter::Requests2xx;
    case 3: return Counter::Requests3xx;
    case 4: return Counter::Requests4xx;
    case 5: return Counter::Requests5xx;
    default: return Counter::RequestsAborted;
  }
}

}  // namespace

void WorkerMetrics::count_request(const RequestOutcome& outcome) {
  add(class_of(outcome.status));
  if (outcome.fault != FaultCode::kCount) count_fault(outcome.fault);
  add(Counter::RequestBytes, outcome.request_bytes);
  add(Counter::ResponseBytes, outcome.response_bytes);
  observe(Histogram::RequestDuration, outcome.duration_us);
  if (outcome.forwarded) observe(Histogram::BackendDuration, outcome.backend_us);
}

Metrics::Metrics(size_t worker_count)
    : worker_count_(worker_count), workers_(std::make_unique<WorkerMetrics[]>(worker_count)) {
  assert(worker_count > 0);
}

MetricTotals Metrics::sum() const {
  MetricTotals totals;
  const auto add_all = [](auto& into, const auto& cells) {
    for (size_t i = 0; i < into.size(); ++i) into[i] += cells[i].read();
  };
  for (size_t w = 0; w < worker_count_; ++w) {
    const WorkerMetrics& worker = workers_[w];
    add_all(totals.counters, worker.counters_);
    add_all(totals.gauges, worker.gauges_);
    add_all(totals.faults, worker.faults_);
    for (size_t h = 0; h < totals.histograms.size(); ++h) {
      add_all(totals.histograms[h].counts, worker.histograms_[h].counts);
      totals.histograms[h].sum_us += worker.histograms_[h].sum_us.read();
    }
  }
  return totals;
}

}  // namespace apim
