#include "observe/expose.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace apim::observe {
namespace {

class Page {
 public:
  // Starts a family; rows of one family stand together, so a repeated name says nothing.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    if (name == family_) return;
    family_ = name;
    put("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void row(std::string_view labels, uint64_t value) { row_of("", labels, value); }
  void row_of(std::string_view suffix, std::string_view labels, uint64_t value) {
    if (labels.empty()) {
      put("{}{} {}\n", family_, suffix, value);
    } else {
      put("{}{}{{{}}} {}\n", family_, suffix, labels, value);
    }
  }
  void single(std::string_view name, std::string_view type, std::string_view help, uint64_t value) {
    family(name, type, help);
    row("", value);
  }
  template <class... Args>
  void put(fmt::format_string<Args...> pattern, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), pattern, std::forward<Args>(args)...);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string_view family_;
};

// Microseconds as seconds, exactly: 32 -> 0.000032
std::string seconds_text(uint64_t us) {
  return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

void put_histogram(Page& page, std::string_view name, std::string_view help,
                   const MetricTotals::Buckets& buckets) {
  page.family(name, "histogram", help);
  uint64_t count = 0;
  for (size_t i = 0; i + 1 < kBucketCount; ++i) {
    count += buckets.counts[i];
    page.row_of("_bucket", fmt::format("le=\"{}\"", seconds_text(bucket_bound_us(i))), count);
  }
  count += buckets.counts[kBucketCount - 1];
  page.row_of("_bucket", "le=\"+Inf\"", count);
  page.put("{}_sum {}\n", name, seconds_text(buckets.sum_us));
  page.row_of("_count", "", count);
}

void put_tables(Page& page, const MetricTotals& totals) {
#define COUNTER(id, name, labels, help) \
  page.family(name, "counter", help);   \
  page.row(labels, totals.of(Counter::id));
#define GAUGE(id, name, help) page.single(name, "gauge", help, totals.of(Gauge::id));
#define HISTOGRAM(id, name, help) put_histogram(page, name, help, totals.of(Histogram::id));
#include "base/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
}

void put_faults(Page& page, const MetricTotals& totals) {
  page.family("apim_faults_total", "counter",
              "Requests that ended in a fault, by its name and WSO2's code");
  for (size_t i = 0; i < totals.faults.size(); ++i) {
    const FaultText& fault = text_of(static_cast<FaultCode>(i));
    page.row(fmt::format("fault=\"{}\",code=\"{}\"", fault.name, fault.code), totals.faults[i]);
  }
}

void put_throttled(Page& page, const MetricTotals& totals) {
  struct Level {
    std::string_view name;
    FaultCode fault;
  };
  constexpr Level kLevels[] = {
      {"deny", FaultCode::Denied},
      {"api", FaultCode::ThrottledApi},
      {"resource", FaultCode::ThrottledResource},
      {"subscription", FaultCode::ThrottledSubscription},
      {"subscription_burst", FaultCode::ThrottledSubscriptionBurst},
      {"application", FaultCode::ThrottledApplication},
      {"application_burst", FaultCode::ThrottledApplicationBurst},
      {"backend", FaultCode::ThrottledBackend},
  };
  page.family("apim_throttled_total", "counter", "Requests refused by throttling, by level");
  for (const Level& level : kLevels) {
    page.row(fmt::format("level=\"{}\"", level.name), totals.of(level.fault));
  }
}

void put_process(Page& page, const ProcessGauges& gauges) {
  page.family("apim_build_info", "gauge", "Always 1; the version is its label");
  page.row("version=\"" APIM_VERSION "\"", 1);
  page.single("apim_ready", "gauge", "1 while a valid snapshot is served", gauges.ready ? 1 : 0);
  page.single("apim_workers", "gauge", "Worker threads", gauges.worker_count);
  page.single("apim_snapshot_epoch", "gauge", "Epoch of the newest valid snapshot; 0: none",
              gauges.snapshot_epoch);
  page.single("apim_snapshot_age_seconds", "gauge", "Time since that snapshot was created",
              gauges.snapshot_age_s);
  page.single("apim_snapshot_images", "gauge",
              "Snapshots in memory: more than 1 while requests of an older one run",
              gauges.snapshot_images);
  page.single("apim_snapshot_refusals_total", "counter", "Snapshots that were not adopted",
              gauges.snapshot_refusals);
  page.single("apim_hub_errors_total", "counter", "Times the hub could not be read",
              gauges.hub_errors);
  page.single("apim_access_log_dropped_total", "counter",
              "Requests that have no line in the access log", gauges.access_dropped);
  page.single("apim_throttle_counters", "gauge", "Callers counted by throttling now",
              gauges.counters_used);
  page.single("apim_memory_pressure", "gauge",
              "0, or how much is shed: 1 idle connections, 2 requests, 3 new connections, 4 the "
              "largest connections",
              gauges.memory_pressure);
}

}  // namespace

std::string expose(const MetricTotals& totals, const ProcessGauges& gauges) {
  Page page;
  put_process(page, gauges);
  put_tables(page, totals);
  put_throttled(page, totals);
  put_faults(page, totals);
  return page.take();
}

}  // namespace apim::observe
