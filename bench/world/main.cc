// bench-world: keeps a hub with a world of a chosen size, for gateways to read.
//
// DIR/hub is the hub, DIR/keys/snapshot.pub what gateways pin. It compiles, signs and writes with
// the controller's own code and prints one JSON object a line: first what making the world took,
// then one for each line it reads, "key" or "api": one more key, or one API renamed, compiled and
// published as the controller would. It ends with its input.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "compile/synthetic.h"
#include "publish/edition.h"
#include "publish/hub_directory.h"
#include "publish/keys.h"

namespace apim::bench {
namespace {

class Watch {
 public:
  // Milliseconds since the last call, or since it was made.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> passed = now - at_;
    at_ = now;
    return passed.count();
  }

 private:
  std::chrono::steady_clock::time_point at_ = std::chrono::steady_clock::now();
};

template <typename T>
T must(model::Result<T> result) {
  if (result) return std::move(*result);
  throw std::runtime_error(result.error().message + ": " + result.error().description);
}

void must(const model::Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().message + ": " + result.error().description);
}

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

class World {
 public:
  World(const std::string& directory, const compile::SyntheticSize& size)
      : size_(size),
        hub_(must(publish::open_hub_directory(directory + "/hub"))),
        key_(must(publish::load_or_make_keys(directory + "/keys"))) {}

  void make() {
    Watch watch;
    edition_.catalog() = compile::synthetic_catalog(size_);
    const double catalog_ms = watch.lap();
    edition_.compile_all({});
    if (!edition_.report().empty()) throw std::runtime_error(compile::to_text(edition_.report()));
    const double compile_ms = watch.lap();
    must(edition_.publish(*hub_, key_, epoch_, {}));
    say(fmt::format(R"({{"epoch": {}, "catalog_ms": {:.1f}, "compile_ms": {:.1f}, )"
                    R"("write_ms": {:.1f}, "segments": {}, "bytes": {}}})",
                    epoch_, catalog_ms, compile_ms, watch.lap(), edition_.content().segments.size(),
                    bytes()));
  }

  // `what` is "key" or "api".
  void change(const std::string& what) {
    ++epoch_;
    const compile::Content before = edition_.content();
    Watch watch;
    const model::Change change = what == "key" ? add_one_key() : rename_one_api();
    edition_.compile(std::span(&change, 1), {});
    const double compile_ms = watch.lap();
    must(edition_.publish(*hub_, key_, epoch_, {}));
    say(fmt::format(R"({{"epoch": {}, "compile_ms": {:.1f}, "write_ms": {:.1f}, "bytes": {}}})",
                    epoch_, compile_ms, watch.lap(), bytes_beyond(before)));
  }

 private:
  model::Change add_one_key() {
    const uint32_t application_id = 1;
    model::Catalog& catalog = edition_.catalog();
    model::ApiKey key = catalog.keys[application_id].front();
    const uint32_t number = size_.keys + static_cast<uint32_t>(epoch_);
    key.digest = compile::sha256(compile::synthetic_key(number));
    catalog.keys[application_id].push_back(key);
    return {.epoch = epoch_, .kind = model::Change::Kind::Application, .id = application_id};
  }

  model::Change rename_one_api() {
    const uint32_t id = 1 + static_cast<uint32_t>(epoch_) % size_.apis;
    edition_.catalog().apis[id].api.name = fmt::format("Renamed{}", epoch_);
    return {.epoch = epoch_, .kind = model::Change::Kind::Api, .id = id};
  }

  uint64_t bytes() const { return bytes_beyond({}); }

  // Of the segments that `before` does not name.
  uint64_t bytes_beyond(const compile::Content& before) const {
    uint64_t total = 0;
    for (const auto& ref : edition_.content().segments) {
      const bool is_old = std::ranges::any_of(
          before.segments, [&](const auto& old) { return old.digest == ref.digest; });
      if (!is_old) total += ref.bytes;
    }
    return total;
  }

  compile::SyntheticSize size_;
  std::unique_ptr<publish::Hub> hub_;
  compile::SigningKey key_;
  publish::Edition edition_{"Default"};
  uint64_t epoch_ = 1;
};

int run(const std::string& directory, const compile::SyntheticSize& size) {
  World world(directory, size);
  world.make();
  for (std::string line; std::getline(std::cin, line);) {
    if (line != "key" && line != "api") {
      std::cerr << "bench-world: say \"key\" or \"api\", not \"" << line << "\"\n";
      return 2;
    }
    world.change(line);
  }
  return 0;
}

}  // namespace
}  // namespace apim::bench

int main(int count, char** arguments) {
  CLI::App app("Keeps a hub with a world of a chosen size; see the head of bench/world/main.cc.");
  std::string directory;
  apim::compile::SyntheticSize size;
  app.add_option("DIR", directory, "where hub/ and keys/ are made")->required();
  app.add_option("--apis", size.apis)->check(CLI::Range(1U, 1'000'000U));
  app.add_option("--applications", size.applications)->check(CLI::Range(1U, 1'000'000U));
  app.add_option("--keys", size.keys)->check(CLI::Range(1U, 100'000'000U));
  CLI11_PARSE(app, count, arguments);
  if (size.keys < size.applications) size.applications = size.keys;
  try {
    return apim::bench::run(directory, size);
  } catch (const std::exception& problem) {
    std::cerr << "bench-world: " << problem.what() << "\n";
    return 1;
  }
}
