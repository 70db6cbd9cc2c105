// What matching costs: vhost, context and operation, among few and many APIs.

#include "match/match.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "bench/world/image.h"

namespace apim::bench {
namespace {

void BM_Match(benchmark::State& state) {
  const auto apis = static_cast<uint32_t>(state.range(0));
  snapshot::Current current([](std::shared_ptr<const snapshot::Image>) {});
  current.adopt(kept_world({.apis = apis, .applications = 10, .keys = 10}));
  std::minstd_rand random(1);
  std::vector<std::string> paths;
  for (int i = 0; i < 4096; ++i) {
    paths.push_back(
        fmt::format("/synthetic-{}/1.0.0/items-6/{}", random() % apis + 1, random() % 1'000'000));
  }
  Exchange x;
  x.image = current.pin();
  x.request.host = "localhost";
  const match::Settings settings{.default_vhost = "localhost"};
  size_t turn = 0;
  for (auto _ : state) {
    x.request.target.path = paths[turn++ % paths.size()];
    if (match::match(x, settings) != Verdict::Next) state.SkipWithError("a path was not found");
  }
}
BENCHMARK(BM_Match)->Arg(10)->Arg(1'000)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace apim::bench
