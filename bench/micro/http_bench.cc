// What a head costs until it is understood: guard and parser together, and a target's canonical
// form.

#include <benchmark/benchmark.h>

#include <string_view>

#include "http/guard.h"
#include "http/h1_parser.h"
#include "http/target.h"

namespace apim::bench {
namespace {

constexpr std::string_view kRequest =
    "GET /synthetic-7/1.0.0/items-6/123456?bytes=128 HTTP/1.1\r\n"
    "Host: localhost:8280\r\n"
    "User-Agent: curl/8.5.0\r\n"
    "Accept: application/json\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "ApiKey: 4f1c0b8d6e2a4b7f9c3d5e6f7a8b9c0d1e2f3a4b5c6\r\n"
    "X-Request-Id: 0d4d4a3f-2c55-4a9a-8e53-5d2b6a1f7c11\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json\r\n"
    "Date: Sat, 28 Nov 2026 12:00:00 GMT\r\n"
    "Server: origin\r\n"
    "Cache-Control: no-store\r\n"
    "Content-Length: 128\r\n\r\n";

// The number of fields in `text`; 0: the guard does not take it whole.
uint32_t guarded_fields(http::Guard::Kind kind, std::string_view text) {
  http::Guard guard(kind);
  const auto scan = guard.scan(text, http::HeadLimits{});
  return scan.outcome == http::Guard::Outcome::Complete ? guard.field_count() : 0;
}

// `parse` reads a guarded head into one of its own kind; false: refused.
template <class Head>
void guard_and_parse(benchmark::State& state, http::Guard::Kind kind, std::string_view text,
                     bool (*parse)(uint32_t fields, Arena& arena, Head* head)) {
  Arena arena;
  for (auto _ : state) {
    arena.clear();
    Head head;
    if (!parse(guarded_fields(kind, text), arena, &head)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void BM_GuardAndParseRequest(benchmark::State& state) {
  guard_and_parse<http::RequestHead>(
      state, http::Guard::Kind::Request, kRequest,
      [](uint32_t fields, Arena& arena, http::RequestHead* head) {
        return http::parse_request(kRequest, fields, arena, head).has_value();
      });
}
BENCHMARK(BM_GuardAndParseRequest);

void BM_GuardAndParseResponse(benchmark::State& state) {
  guard_and_parse<http::ResponseHead>(
      state, http::Guard::Kind::Response, kResponse,
      [](uint32_t fields, Arena& arena, http::ResponseHead* head) {
        return http::parse_response(kResponse, fields, http::Method::Get, arena, head).has_value();
      });
}
BENCHMARK(BM_GuardAndParseResponse);

void canonicalise(benchmark::State& state, std::string_view text) {
  Arena arena;
  for (auto _ : state) {
    arena.clear();
    const auto target = http::canonical_target(text, arena);
    if (!target) state.SkipWithError("refused");
    benchmark::DoNotOptimize(target);
  }
}
BENCHMARK_CAPTURE(canonicalise, plain, "/synthetic-7/1.0.0/items-6/123456?bytes=128");
BENCHMARK_CAPTURE(canonicalise, escaped, "/synthetic-7//1.0.0/./a/../items-6/%7e%41b?q=%20");

}  // namespace
}  // namespace apim::bench
