#include "bench/world/catalog.h"

#include <fmt/format.h>
#include <sodium.h>

namespace apim::bench {
namespace {

constexpr model::Limit kNeverReached{.kind = model::QuotaKind::Requests,
                                     .count = 2'000'000'000,
                                     .unit_time = 1,
                                     .unit = model::TimeUnit::Minute};

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
  key.digest = key_digest(number);
  key.application_id = application_id;
  key.application_uuid = fmt::format("app-{}", application_id);
  key.user = "admin";
  catalog.keys[application_id].push_back(key);
}

}  // namespace

std::string key_text(uint32_t number) { return fmt::format("apim_benchmark_key_{:032}", number); }

layout::Digest key_digest(uint32_t number) {
  const std::string text = key_text(number);
  layout::Digest digest{};
  static_assert(digest.size() == crypto_hash_sha256_BYTES);
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return digest;
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

}  // namespace apim::bench
