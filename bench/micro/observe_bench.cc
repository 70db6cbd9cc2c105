// What the access log costs: a worker's copy into its ring, and the log thread's line.

#include <benchmark/benchmark.h>

#include <array>

#include "base/metrics.h"
#include "observe/access.h"

namespace apim::observe {
namespace {

AccessRecord typical_record() {
  AccessRecord record;
  record.wall_ms = 1'769'904'000'123;
  record.duration_us = 812;
  record.backend_us = 700;
  record.response_bytes = 1024;
  record.epoch = 42;
  record.client = *parse_address("10.1.2.3");
  record.backend_host = "orders.internal";
  record.backend_port = 8080;
  record.application_id = 7;
  record.status = 200;
  record.method = "GET";
  record.key_type = "PRODUCTION";
  record.request_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  record.host = "api.example.com";
  record.path = "/orders/1.0.0/orders/1234567";
  record.api_name = "Orders";
  record.api_version = "1.0.0";
  record.api_uuid = "01234567-89ab-cdef-0123-456789abcdef";
  record.resource = "/orders/{id}";
  record.application = "Shop";
  return record;
}

void BM_AccessPush(benchmark::State& state) {
  const AccessRecord record = typical_record();
  AccessRing ring;
  AccessRecord out;
  uint64_t pushed = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ring.push(record));
    if (++pushed % 1024 != 0) continue;
    state.PauseTiming();
    while (ring.front(&out)) ring.drop_front();
    state.ResumeTiming();
  }
  if (ring.dropped() > 0) state.SkipWithError("the ring was full");
}
BENCHMARK(BM_AccessPush);

void BM_AccessLine(benchmark::State& state) {
  const AccessRecord record = typical_record();
  std::array<char, kLineBytesMax> line;
  for (auto _ : state) benchmark::DoNotOptimize(format_line(record, line.data()));
}
BENCHMARK(BM_AccessLine);

void BM_CountRequest(benchmark::State& state) {
  Metrics metrics(1);
  const RequestOutcome outcome{.status = 200,
                               .fault = FaultCode::kCount,
                               .request_bytes = 0,
                               .response_bytes = 1024,
                               .duration_us = 812,
                               .backend_us = 700,
                               .forwarded = true};
  for (auto _ : state) {
    metrics.worker(0).count_request(outcome);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_CountRequest);

}  // namespace
}  // namespace apim::observe
