#include "bench/micro/world.h"

#include <fmt/format.h>

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "compile/compile.h"
#include "compile/manifest.h"
#include "crypto/digest.h"
#include "snapshot/image_builder.h"
#include "snapshot/manifest.h"

namespace apim::bench {
namespace {

constexpr model::Limit kNeverReached{.kind = model::QuotaKind::Requests,
                                     .count = 2'000'000'000,
                                     .unit_time = 1,
                                     .unit = model::TimeUnit::Minute};

[[noreturn]] void give_up(const std::string& why) {
  std::fputs(("bench: " + why + "\n").c_str(), stderr);
  std::abort();
}

model::ThrottlePolicy policy(uint32_t id, model::PolicyLevel level) {
  model::ThrottlePolicy policy;
  policy.id = id;
  policy.uuid = fmt::format("policy-{}", id);
  policy.level = level;
  policy.name = "Bench";
  policy.limit = kNeverReached;
  return policy;
}

model::DeployedApi api(uint32_t id) {
  model::DeployedApi deployed;
  model::Api& api = deployed.api;
  api.id = id;
  api.uuid = fmt::format("api-{}", id);
  api.name = fmt::format("Api{}", id);
  api.version = "1.0.0";
  api.context = fmt::format("/api{}/1.0.0", id);
  api.context_template = fmt::format("/api{}/{{version}}", id);
  api.provider = "admin";
  api.lifecycle = model::Lifecycle::Published;
  api.policies = {"Bench"};
  api.security = {.oauth2 = false, .api_key = true};
  const char* targets[] = {"/orders", "/orders/{id}", "/orders/{id}/lines", "/stock/*", "/health"};
  for (const char* target : targets) {
    for (const model::Verb verb : {model::Verb::Get, model::Verb::Post}) {
      model::Operation operation;
      operation.target = target;
      operation.verb = verb;
      operation.throttling_policy = "Bench";
      api.operations.push_back(operation);
    }
  }
  model::EndpointGroup group;
  group.endpoints.push_back({.url = "http://127.0.0.1:8080/base", .tuning = {}});
  api.production = group;
  deployed.vhosts = {"localhost"};
  return deployed;
}

void add_application(model::Catalog& catalog, uint32_t id, const WorldSize& size) {
  model::Application application;
  application.id = id;
  application.uuid = fmt::format("app-{}", id);
  application.owner = "admin";
  application.name = fmt::format("App{}", id);
  application.throttling_policy = "Bench";
  catalog.applications[id] = application;
  for (uint32_t number = id % size.applications; number < size.apis; number += size.applications) {
    model::Subscription subscription;
    subscription.id = id * size.apis + number + 1;
    subscription.uuid = fmt::format("sub-{}-{}", id, number);
    subscription.api_id = number + 1;
    subscription.api_uuid = fmt::format("api-{}", number + 1);
    subscription.application_id = id;
    subscription.application_uuid = application.uuid;
    subscription.throttling_policy = "Bench";
    catalog.subscriptions[id].push_back(subscription);
  }
}

void add_key(model::Catalog& catalog, uint32_t number, const WorldSize& size) {
  const uint32_t application_id = number % size.applications + 1;
  model::ApiKey key;
  key.uuid = fmt::format("key-{}", number);
  key.name = fmt::format("k{}", number);
  key.digest = crypto::sha256(key_text(number));
  key.application_id = application_id;
  key.application_uuid = fmt::format("app-{}", application_id);
  key.user = "admin";
  catalog.keys[application_id].push_back(key);
}

model::Catalog make_catalog(const WorldSize& size) {
  model::Catalog catalog;
  catalog.environment = "Default";
  catalog.epoch = 1;
  catalog.policies[1] = policy(1, model::PolicyLevel::Subscription);
  catalog.policies[2] = policy(2, model::PolicyLevel::Application);
  catalog.policies[3] = policy(3, model::PolicyLevel::Advanced);
  for (uint32_t id = 1; id <= size.apis; ++id) catalog.apis[id] = api(id);
  for (uint32_t id = 1; id <= size.applications; ++id) add_application(catalog, id, size);
  for (uint32_t number = 0; number < size.keys; ++number) add_key(catalog, number, size);
  return catalog;
}

snapshot::Bytes bytes_of(const std::string& text) {
  snapshot::Bytes bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

const compile::SegmentFile& file_of(const compile::Compiled& compiled,
                                    const layout::Digest& digest) {
  for (const compile::SegmentFile& file : compiled.fresh) {
    if (file.ref.digest == digest) return file;
  }
  give_up("the manifest names a segment that was not compiled");
}

}  // namespace

std::string key_text(uint32_t number) { return fmt::format("apim_benchmark_key_{:032}", number); }

std::shared_ptr<const snapshot::Image> make_world(const WorldSize& size) {
  const compile::Compiled compiled = compile::compile(make_catalog(size), {});
  if (!compiled.report.empty()) give_up(compile::to_text(compiled.report));
  const compile::SigningKey key = compile::signing_key_from_seed({});
  compile::Manifest manifest;
  manifest.environment = "Default";
  manifest.epoch = 1;
  manifest.content = compiled.content;
  const auto checked = snapshot::check_manifest(bytes_of(compile::write_manifest(manifest, key)),
                                                key.public_key, "Default");
  if (!checked) give_up(checked.error().reason);
  snapshot::ImageBuilder builder(*checked, nullptr);
  for (const auto& ref : builder.missing()) {
    const auto taken = builder.take(ref, bytes_of(file_of(compiled, ref.digest).bytes));
    if (!taken) give_up(taken.error().reason);
  }
  auto image = builder.build();
  if (!image) give_up(image.error().reason);
  return *image;
}

}  // namespace apim::bench
