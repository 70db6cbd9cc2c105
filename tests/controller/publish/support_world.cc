#include "controller/publish/support_world.h"

#include <nlohmann/json.hpp>

#include "publish/edition.h"
#include "publish/hub_directory.h"
#include "store/apis.h"
#include "store/catalog.h"
#include "store/denies.h"
#include "store/deployments.h"
#include "store/environments.h"
#include "store/outbox.h"
#include "store/revisions.h"

namespace apim::publish::support {
namespace {

const std::string kTenant = "carbon.super";

model::Api sample(const std::string& name) {
  model::Api api;
  api.name = name;
  api.version = "1.0.0";
  api.context = "/" + name + "/1.0.0";
  api.context_template = "/" + name;
  api.provider = "admin";
  api.policies = {"Gold"};
  model::Operation get;
  get.target = "/order/{id}";
  api.operations = {get};
  api.production =
      model::EndpointGroup{.endpoints = {{.url = "http://backend.example:8080", .tuning = {}}}};
  api.definition = "{\"openapi\":\"3.0.1\"}";
  return api;
}

template <class Work>
uint64_t epoch_of(store::Store& store, Work work) {
  return must(store.write([&](store::Transaction& tx) -> Result<uint64_t> {
    CHECK_OR_REFUSE(work(tx));
    return tx.epoch();
  }));
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "apim-publish-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

compile::SigningKey signing_key() {
  std::array<uint8_t, 32> seed{};
  seed.fill(9);
  return compile::signing_key_from_seed(seed);
}

PublisherSettings quick_settings() { return {.debounce_ms = 1, .poll_ms = 50}; }

std::unique_ptr<store::Store> open_store(const TemporaryFolder& folder) {
  const std::string url = "sqlite3://" + folder.path("apim.db");
  return must(store::Store::open({.apim_url = url, .shared_url = url, .clock = {}}));
}

std::unique_ptr<Hub> open_hub(const TemporaryFolder& folder) {
  return must(open_hub_directory(folder.path("hub")));
}

uint64_t deny(store::Store& store, const std::string& address) {
  return epoch_of(store, [&](store::Transaction& tx) -> Result<void> {
    model::DenyCondition condition;
    condition.kind = model::DenyCondition::Kind::Ip;
    condition.value = address;
    CHECK_OR_REFUSE(store::denies::insert(tx, condition));
    return {};
  });
}

uint64_t deploy(store::Store& store, const std::string& name) {
  return epoch_of(store, [&](store::Transaction& tx) -> Result<void> {
    ASSIGN_OR_REFUSE(const model::Api api, store::apis::insert(tx, sample(name)));
    ASSIGN_OR_REFUSE(const model::Revision revision,
                     store::revisions::create(tx, kTenant, api.uuid, "", "admin"));
    model::Deployment deployment;
    deployment.environment = "Default";
    CHECK_OR_REFUSE(store::deployments::deploy(tx, kTenant, api.uuid, revision.uuid, {deployment}));
    return {};
  });
}

uint64_t add_environment(store::Store& store, const std::string& name) {
  return epoch_of(store, [&](store::Transaction& tx) -> Result<void> {
    model::Environment environment;
    environment.name = name;
    environment.vhosts = {name + ".example.com"};
    CHECK_OR_REFUSE(store::environments::insert(tx, kTenant, environment));
    return {};
  });
}

uint64_t newest_epoch(store::Store& store) { return must(store.read(store::outbox::newest)); }

compile::SegmentReader reader(Hub& hub) {
  return [&hub](const compile::SegmentRef& ref) {
    return hub.get_segment(ref.digest).value_or(std::string());
  };
}

compile::Manifest current(Hub& hub, const std::string& environment) {
  const std::string file = must(hub.current_manifest(environment));
  const auto manifest = compile::read_manifest(file, signing_key().public_key);
  if (!manifest.has_value()) throw std::runtime_error(manifest.error());
  for (const std::string& wrong : compile::verify_segments(manifest->content, reader(hub))) {
    ADD_FAILURE() << wrong;
  }
  return *manifest;
}

nlohmann::json denied(Hub& hub) {
  const auto dumped = compile::dump(current(hub).content, reader(hub));
  if (!dumped.has_value()) throw std::runtime_error(dumped.error());
  return (*dumped)["deny"]["addresses"];
}

compile::Content expected(store::Store& store, const std::string& environment) {
  const model::Catalog catalog = must(
      store.read([&](store::Transaction& tx) { return store::catalog::load(tx, environment); }));
  return compile::compile(catalog, {.now_s = now_ms() / 1'000}).content;
}

}  // namespace apim::publish::support
