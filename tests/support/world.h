// World: a small catalog to fill, compiled by the real compiler into an image, and requests against
// it.

#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compile/compile.h"
#include "compile/manifest.h"
#include "crypto/digest.h"
#include "exchange/exchange.h"
#include "model/catalog.h"
#include "snapshot/image_builder.h"

namespace apim::test {

inline compile::SigningKey signing_key() {
  std::array<uint8_t, 32> seed{};
  seed.fill(7);
  return compile::signing_key_from_seed(seed);
}

inline snapshot::Bytes to_bytes(std::string_view text) {
  snapshot::Bytes bytes(text.size());
  std::copy(text.begin(), text.end(), bytes.data());
  return bytes;
}

struct Published {
  compile::Compiled compiled;
  std::string manifest;
};

inline Published publish(const model::Catalog& catalog, uint64_t epoch) {
  Published published{.compiled = compile::compile(catalog, {.now_s = 1000}), .manifest = {}};
  EXPECT_TRUE(published.compiled.report.empty()) << compile::to_text(published.compiled.report);
  const compile::Manifest manifest{.environment = "Default",
                                   .epoch = epoch,
                                   .created_ms = 1'700'000'000'000,
                                   .rollback_of = 0,
                                   .key_id = {},
                                   .content = published.compiled.content};
  published.manifest = compile::write_manifest(manifest, signing_key());
  return published;
}

inline snapshot::Checked<std::shared_ptr<const snapshot::Image>> load(
    const Published& published, std::shared_ptr<const snapshot::Image> previous_or_null = nullptr) {
  auto manifest =
      snapshot::check_manifest(to_bytes(published.manifest), signing_key().public_key, "Default");
  if (!manifest) return std::unexpected(manifest.error());
  snapshot::ImageBuilder builder(std::move(*manifest), std::move(previous_or_null));
  for (const snapshot::SegmentRef& ref : builder.missing()) {
    for (const compile::SegmentFile& file : published.compiled.fresh) {
      if (file.ref.digest != ref.digest) continue;
      if (auto taken = builder.take(ref, to_bytes(file.bytes)); !taken)
        return std::unexpected(taken.error());
      break;
    }
  }
  return builder.build();
}

// Precondition: the catalog compiles and its snapshot is good.
inline std::shared_ptr<const snapshot::Image> make_image(const model::Catalog& catalog,
                                                         uint64_t epoch = 1) {
  auto image = load(publish(catalog, epoch));
  if (!image) {
    ADD_FAILURE() << image.error().reason;
    std::abort();
  }
  return *image;
}

inline model::Operation operation(model::Verb verb, const std::string& target) {
  model::Operation out;
  out.verb = verb;
  out.target = target;
  return out;
}

inline model::EndpointGroup backend(const std::string& url) {
  return {.balance = model::Balance::Single, .endpoints = {{.url = url, .tuning = {}}}};
}

struct World {
  model::Catalog catalog;

  World() { catalog.environment = "Default"; }

  // Key security, both endpoints, published. Change what it returns before make_image().
  model::Api& add_api(uint32_t id, const std::string& name,
                      std::vector<model::Operation> operations) {
    model::DeployedApi deployed;
    deployed.api.id = id;
    deployed.api.uuid = "api-" + std::to_string(id);
    deployed.api.name = name;
    deployed.api.version = "1.0.0";
    deployed.api.context = "/" + name + "/1.0.0";
    deployed.api.context_template = "/" + name + "/{version}";
    deployed.api.provider = "admin";
    deployed.api.lifecycle = model::Lifecycle::Published;
    deployed.api.security = {.oauth2 = false,
                             .api_key = true,
                             .basic = false,
                             .mutual_tls = false,
                             .application_mandatory = true,
                             .mutual_tls_mandatory = false};
    deployed.api.operations = std::move(operations);
    deployed.api.production = backend("http://127.0.0.1:8000/base");
    deployed.api.sandbox = backend("http://127.0.0.1:8001");
    deployed.revision_number = 1;
    deployed.vhosts = {"localhost"};
    return catalog.apis.insert_or_assign(id, std::move(deployed)).first->second.api;
  }

  model::Application& add_application(uint32_t id, const std::string& owner = "alice") {
    model::Application application;
    application.id = id;
    application.uuid = "app-" + std::to_string(id);
    application.owner = owner;
    application.name = "app" + std::to_string(id);
    return catalog.applications.insert_or_assign(id, std::move(application)).first->second;
  }

  model::Subscription& subscribe(uint32_t application_id, uint32_t api_id,
                                 const std::string& tier = "Unlimited") {
    model::Subscription subscription;
    subscription.id = application_id * 1000 + api_id;
    subscription.uuid = "sub-" + std::to_string(subscription.id);
    subscription.api_id = api_id;
    subscription.api_uuid = "api-" + std::to_string(api_id);
    subscription.application_id = application_id;
    subscription.application_uuid = "app-" + std::to_string(application_id);
    subscription.throttling_policy = tier;
    auto& list = catalog.subscriptions[application_id];
    list.push_back(std::move(subscription));
    return list.back();
  }

  model::ApiKey& add_key(uint32_t application_id, const std::string& text) {
    model::ApiKey key;
    key.uuid = "key-" + text;
    key.name = text;
    key.digest = crypto::sha256(std::string_view(text));
    key.application_id = application_id;
    key.application_uuid = "app-" + std::to_string(application_id);
    key.user = "alice";
    auto& list = catalog.keys[application_id];
    list.push_back(std::move(key));
    return list.back();
  }

  model::ThrottlePolicy& add_policy(uint32_t id, model::PolicyLevel level, const std::string& name,
                                    model::Limit limit) {
    model::ThrottlePolicy policy;
    policy.id = id;
    policy.uuid = "policy-" + std::to_string(id);
    policy.level = level;
    policy.name = name;
    policy.limit = limit;
    return catalog.policies.insert_or_assign(id, std::move(policy)).first->second;
  }
};

inline model::Limit per_minute(uint64_t count) {
  return {.kind = model::QuotaKind::Requests,
          .count = count,
          .unit_time = 1,
          .unit = model::TimeUnit::Minute};
}

// Serves one image to exchanges, as a worker does.
class Worker {
 public:
  explicit Worker(std::shared_ptr<const snapshot::Image> image) : current_([](auto) {}) {
    current_.adopt(std::move(image));
  }
  snapshot::Current::Pin pin() { return current_.pin(); }

 private:
  snapshot::Current current_;
};

// One request, as the wire hands it to the first step. Its texts must outlive it.
struct Call {
  Exchange x;
  std::vector<http::Field> fields;

  Call(Worker& worker, http::Method method, std::string_view path, std::string_view query = {}) {
    x.image = worker.pin();
    x.wall_s = 1'700'000'000;
    x.client.peer = *parse_address("10.0.0.1");
    x.client.address = x.client.peer;
    x.request.method = method;
    x.request.target = {.path = path, .query = query, .has_query = !query.empty()};
    x.request.host = "localhost";
    x.request.authority = "localhost";
  }

  Call& with(std::string_view name, std::string_view value,
             http::FieldId id = http::FieldId::Other) {
    fields.push_back({.name = name, .value = value, .id = id});
    x.request.fields = fields;
    return *this;
  }
};

}  // namespace apim::test
