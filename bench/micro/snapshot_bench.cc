// What finding a key costs among few and many (the table's share, beyond the hash of the text), and
// what a change of images does.

#include <benchmark/benchmark.h>

#include <array>
#include <random>
#include <vector>

#include "bench/world/image.h"
#include "crypto/digest.h"
#include "snapshot/current.h"

namespace apim::bench {
namespace {

std::vector<layout::Digest> some_digests(uint32_t keys) {
  std::minstd_rand random(1);
  std::vector<layout::Digest> digests;
  for (int i = 0; i < 4096; ++i)
    digests.push_back(
        crypto::sha256(compile::synthetic_key(static_cast<uint32_t>(random()) % keys)));
  return digests;
}

void BM_FindKey(benchmark::State& state) {
  const auto keys = static_cast<uint32_t>(state.range(0));
  const auto image = kept_world({.apis = 10, .applications = 100, .keys = keys});
  const auto digests = some_digests(keys);
  size_t turn = 0;
  for (auto _ : state) {
    const auto hit = image->find_key(digests[turn++ % digests.size()]);
    if (hit.entry == nullptr) state.SkipWithError("a key was not found");
    benchmark::DoNotOptimize(hit);
  }
}
BENCHMARK(BM_FindKey)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000);

void BM_HashKey(benchmark::State& state) {
  const std::string text = compile::synthetic_key(7);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sha256(text));
}
BENCHMARK(BM_HashKey);

// Of 10,000 keys and as many APIs as the argument says.
compile::SyntheticSize size_of(const benchmark::State& state) {
  return {.apis = static_cast<uint32_t>(state.range(0)), .applications = 1'000, .keys = 10'000};
}

void BM_Compile(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(make_edition(size_of(state)).manifest);
}
BENCHMARK(BM_Compile)->Arg(10)->Arg(1'000)->Unit(benchmark::kMillisecond);

// What the keeper does between reading an edition's files and handing the image to the workers.
void BM_LoadAndVerify(benchmark::State& state) {
  const Edition edition = make_edition(size_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(load(edition).get());
}
BENCHMARK(BM_LoadAndVerify)->Arg(10)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

// A new image while a request holds the old one, and that request's end.
void BM_ImageSwap(benchmark::State& state) {
  size_t retired = 0;
  snapshot::Current current([&](std::shared_ptr<const snapshot::Image>) { ++retired; });
  const std::array images{make_world({}), make_world({})};
  current.adopt(images[0]);
  size_t turn = 0;
  for (auto _ : state) {
    auto pin = current.pin();
    current.adopt(images[++turn % images.size()]);
    benchmark::DoNotOptimize(pin.get());
  }
  if (retired != turn) state.SkipWithError("an image was not retired");
}
BENCHMARK(BM_ImageSwap);

// What every request pays for images that may change.
void BM_PinImage(benchmark::State& state) {
  snapshot::Current current([](std::shared_ptr<const snapshot::Image>) {});
  current.adopt(make_world({}));
  for (auto _ : state) benchmark::DoNotOptimize(current.pin().get());
}
BENCHMARK(BM_PinImage);

}  // namespace
}  // namespace apim::bench
