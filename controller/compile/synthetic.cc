#include "compile/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "compile/segment.h"

namespace apim::compile {
namespace {

constexpr const char* kEvenPolicy = "Even";
// Of the plan of calls without a key: high enough for any load, below every bound of a limit.
constexpr uint64_t kOpenLimit = 2'000'000'000;

std::string even_policy(const EvenWork& work) {
  return work.limit_per_minute == 0 ? "Unlimited" : kEvenPolicy;
}

void make_even(uint32_t n, const EvenWork& work, model::Operation& operation) {
  operation.verb = n % 2 == 0 ? model::Verb::Get : model::Verb::Post;
  operation.throttling_policy = even_policy(work);
  operation.scopes.clear();
  if (work.is_open) operation.auth = model::AuthType::None;
}

model::Operation operation_of(uint32_t n, const SyntheticSize& size) {
  constexpr std::array kVerbs{model::Verb::Get, model::Verb::Post, model::Verb::Put};
  model::Operation operation;
  operation.verb = kVerbs[n % kVerbs.size()];
  switch (n % 5) {
    case 0: operation.target = fmt::format("/exact-{}", n); break;
    case 1: operation.target = fmt::format("/items-{}/{{id}}", n); break;
    case 2: operation.target = fmt::format("/items-{}/{{id}}/parts/{{part}}", n); break;
    case 3: operation.target = fmt::format("/files-{}/{{name}}.json", n); break;
    default: operation.target = fmt::format("/tree-{}/*", n); break;
  }
  operation.throttling_policy = n % 4 == 0 ? "10KPerMin" : "Unlimited";
  if (n % 3 == 0) operation.scopes = {fmt::format("scope_{}", n)};
  if (size.even) make_even(n, *size.even, operation);
  return operation;
}

model::DeployedApi api_of(uint32_t id, const SyntheticSize& size) {
  model::DeployedApi deployed;
  model::Api& api = deployed.api;
  api.id = id;
  api.uuid = fmt::format("00000000-0000-4000-8000-{:012x}", id);
  api.name = fmt::format("synthetic-{}", id);
  api.version = "1.0.0";
  api.context_template = fmt::format("/synthetic-{}/{{version}}", id);
  api.context = fmt::format("/synthetic-{}/1.0.0", id);
  api.provider = "admin";
  api.lifecycle = model::Lifecycle::Published;
  api.policies = {"Gold", "Unlimited"};
  if (size.even) api.policies = {even_policy(*size.even)};
  api.security = {.oauth2 = false, .api_key = true};
  api.production = model::EndpointGroup{.balance = model::Balance::Single,
                                        .endpoints = {{.url = size.backend, .tuning = {}}}};
  for (uint32_t n = 0; n < size.operations_per_api; ++n) {
    api.operations.push_back(operation_of(n, size));
  }
  deployed.revision_number = 1;
  deployed.vhosts = {size.vhost};
  return deployed;
}

void add_application(uint32_t id, const SyntheticSize& size, model::Catalog& catalog) {
  model::Application& application = catalog.applications[id];
  application.id = id;
  application.uuid = fmt::format("00000000-0000-4000-9000-{:012x}", id);
  application.owner = fmt::format("user{}", id % 1'000);
  application.name = fmt::format("application-{}", id);
  application.throttling_policy = id % 2 == 0 ? "50PerMin" : "Unlimited";
  if (size.even) application.throttling_policy = even_policy(*size.even);
  const uint32_t count = std::min(size.subscriptions_per_application, size.apis);
  for (uint32_t n = 0; n < count; ++n) {
    model::Subscription subscription;
    subscription.api_id = (id - 1 + n) % size.apis + 1;
    subscription.application_id = id;
    subscription.throttling_policy = n % 2 == 0 ? "Gold" : "Unlimited";
    if (size.even) subscription.throttling_policy = even_policy(*size.even);
    catalog.subscriptions[id].push_back(std::move(subscription));
  }
}

void add_policy(model::ThrottlePolicy policy, model::Catalog& catalog) {
  policy.id = static_cast<uint32_t>(catalog.policies.size()) + 1;
  catalog.policies.emplace(policy.id, std::move(policy));
}

void add_policies(const SyntheticSize& size, model::Catalog& catalog) {
  for (model::ThrottlePolicy policy : model::shipped_policies()) {
    const bool is_of_open = policy.name == "Unauthenticated" && size.even && size.even->is_open;
    if (is_of_open) policy.limit.count = kOpenLimit;
    add_policy(std::move(policy), catalog);
  }
  if (!size.even || size.even->limit_per_minute == 0) return;
  using enum model::PolicyLevel;
  for (const model::PolicyLevel level : {Subscription, Application, Advanced}) {
    model::ThrottlePolicy policy;
    policy.level = level;
    policy.name = policy.display_name = kEvenPolicy;
    policy.limit.count = size.even->limit_per_minute;
    policy.document = "{}";
    add_policy(std::move(policy), catalog);
  }
}

}  // namespace

std::string synthetic_key(uint32_t n) {
  return to_hex(sha256(fmt::format("synthetic key {}", n))).substr(0, 43);
}

SyntheticGrant synthetic_grant(uint32_t n, const SyntheticSize& size) {
  assert(size.apis > 0);
  assert(size.applications > 0);
  const uint32_t application = n % size.applications;
  return {.key = synthetic_key(n), .api_id = application % size.apis + 1};
}

model::Catalog synthetic_catalog(const SyntheticSize& size) {
  assert(size.keys == 0 || size.applications > 0);
  model::Catalog catalog;
  catalog.environment = "Default";
  catalog.epoch = 1;
  add_policies(size, catalog);
  for (uint32_t id = 1; id <= size.apis; ++id) catalog.apis.emplace(id, api_of(id, size));
  for (uint32_t id = 1; id <= size.applications; ++id) add_application(id, size, catalog);
  for (uint32_t n = 0; n < size.keys; ++n) {
    const uint32_t application = n % size.applications + 1;
    model::ApiKey& key = catalog.keys[application].emplace_back();
    key.name = "key";
    key.digest = sha256(synthetic_key(n));
    key.application_id = application;
    const bool is_sandbox = n % 8 == 7 && !size.even;
    key.type = is_sandbox ? model::KeyType::Sandbox : model::KeyType::Production;
  }
  return catalog;
}

}  // namespace apim::compile
