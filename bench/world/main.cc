// bench-world: keeps a hub with a world of a chosen size, for gateways to read.
//
// DIR/hub is the hub, DIR/keys/snapshot.pub what gateways pin. It compiles, signs and writes with
// the controller's own code and prints one JSON object a line: first what making the world took,
// then one for each line it reads, "key" or "api": one more key, or one API renamed, compiled and
// published as the controller would. It ends with its input.
//
// With --auth the world is one of even work (EvenWork), and DIR also gets what a load needs:
// grants.tsv (key, context of the API it opens), requests.tsv and uploads.tsv (method, path, key:
// for each grant a GET and a POST). They are the same for every --auth and --limit.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

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

// An operation's target with something in the place of its parameters.
std::string concrete(const std::string& target, std::minstd_rand& random) {
  std::string path;
  for (size_t at = 0; at < target.size();) {
    const size_t open = std::min(target.find_first_of("{*", at), target.size());
    path += target.substr(at, open - at);
    if (open == target.size()) break;
    path += std::to_string(random() % 1'000'000);
    at = target[open] == '*' ? open + 1 : target.find('}', open) + 1;
  }
  return path;
}

class Calls {
 public:
  Calls(const std::string& directory, const compile::SyntheticSize& size)
      : directory_(directory), size_(size), catalog_(compile::synthetic_catalog(size)) {}

  void write() {
    std::ofstream grants(directory_ + "/grants.tsv");
    std::ofstream requests(directory_ + "/requests.tsv");
    std::ofstream uploads(directory_ + "/uploads.tsv");
    for (uint32_t n = 0; n < size_.keys; ++n) {
      const compile::SyntheticGrant grant = compile::synthetic_grant(n, size_);
      const model::Api& api = catalog_.apis.at(grant.api_id).api;
      grants << grant.key << '\t' << api.context << '\n';
      requests << "GET\t" << path(api, model::Verb::Get) << '\t' << grant.key << '\n';
      uploads << "POST\t" << path(api, model::Verb::Post) << '\t' << grant.key << '\n';
    }
    for (std::ofstream* file : {&grants, &requests, &uploads}) {
      if (!file->flush()) throw std::runtime_error("cannot write to " + directory_);
    }
  }

 private:
  std::string path(const model::Api& api, model::Verb verb) {
    std::vector<const model::Operation*> fitting;
    for (const model::Operation& operation : api.operations) {
      if (operation.verb == verb) fitting.push_back(&operation);
    }
    if (fitting.empty()) throw std::runtime_error("an API needs two operations at least");
    return api.context + concrete(fitting[random_() % fitting.size()]->target, random_);
  }

  std::string directory_;
  const compile::SyntheticSize& size_;
  model::Catalog catalog_;
  std::minstd_rand random_{1};
};

int run(const std::string& directory, const compile::SyntheticSize& size) {
  World world(directory, size);
  if (size.even) Calls(directory, size).write();
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
  app.add_option("--subscriptions", size.subscriptions_per_application, "of each application");
  app.add_option("--backend", size.backend, "the URL of every API's back end");
  std::string auth;
  apim::compile::EvenWork even;
  const auto* even_option =
      app.add_option("--auth", auth, "even work: a key for every call, or none")
          ->check(CLI::IsMember({"none", "key"}));
  app.add_option("--limit", even.limit_per_minute, "of each level, a minute; 0: none")
      ->needs(app.get_option("--auth"));
  CLI11_PARSE(app, count, arguments);
  even.is_open = auth == "none";
  if (*even_option) size.even = even;
  if (size.keys < size.applications) size.applications = size.keys;
  try {
    return apim::bench::run(directory, size);
  } catch (const std::exception& problem) {
    std::cerr << "bench-world: " << problem.what() << "\n";
    return 1;
  }
}
