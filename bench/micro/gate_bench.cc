// What both heads cost to write, once everything is decided: the back end's request and the
// client's answer.

#include <benchmark/benchmark.h>

#include <vector>

#include "bench/world/image.h"
#include "gate/response_head.h"
#include "upstream/request_head.h"

namespace apim::bench {
namespace {

using http::FieldId;

// An exchange with API 1, ready to be forwarded.
struct Ready {
  snapshot::Current current{[](std::shared_ptr<const snapshot::Image>) {}};
  Exchange x;
  std::vector<http::Field> fields{{.name = "Host", .value = "localhost:8280", .id = FieldId::Host},
                                  {.name = "User-Agent", .value = "curl/8.5.0"},
                                  {.name = "Accept", .value = "application/json"},
                                  {.name = "Accept-Encoding", .value = "gzip, deflate, br"}};

  Ready() {
    current.adopt(make_world({}));
    x.image = current.pin();
    x.route.api = x.image->find_api(1);
    x.client.peer = *parse_address("192.0.2.1");
    x.request.authority = "localhost:8280";
    x.request.host_port = 8280;
    x.request.fields = fields;
    x.request_id = "0d4d4a3f2c554a9a8e535d2b6a1f7c11";
    x.shape.resource = "/items-6/123456";
    x.shape.query = "bytes=128";
  }
};

void BM_RequestHead(benchmark::State& state) {
  Ready ready;
  const fbs::Endpoint& endpoint = *ready.x.route.api->production()->endpoints()->Get(0);
  for (auto _ : state) {
    ready.x.arena.clear();
    const auto head = upstream::request_head(ready.x, endpoint);
    if (!head) state.SkipWithError("refused");
    benchmark::DoNotOptimize(head);
  }
}
BENCHMARK(BM_RequestHead);

void BM_ResponseHead(benchmark::State& state) {
  Ready ready;
  std::vector<http::Field> fields{{.name = "Content-Type", .value = "application/json"},
                                  {.name = "Cache-Control", .value = "no-store"}};
  const http::ResponseHead response{.status = 200,
                                    .framing = http::Framing::Length,
                                    .content_length = 128,
                                    .has_content_length = true,
                                    .fields = fields};
  for (auto _ : state) {
    ready.x.arena.clear();
    const auto plan = gate::backend_head(ready.x, response, "Sat, 28 Nov 2026 12:00:00 GMT");
    if (!plan) state.SkipWithError("refused");
    benchmark::DoNotOptimize(plan);
  }
}
BENCHMARK(BM_ResponseHead);

}  // namespace
}  // namespace apim::bench
