#include "controller/service/support_office.h"

#include <stdlib.h>

#include "model/api_codec.h"
#include "publish/hub_directory.h"
#include "publish/keys.h"
#include "service/apis.h"
#include "service/applications.h"
#include "service/lifecycle.h"
#include "store/audit.h"

namespace apim::service::testing {

Office::Office() {
  // In memory where there is such a place: every commit waits for the disk otherwise.
  const std::filesystem::path memory = "/dev/shm";
  const auto parent =
      std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
  std::string pattern = (parent / "apim-service-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  store::StoreSettings settings;
  settings.apim_url = "sqlite3://" + (folder_ / "apim.db").string();
  settings.shared_url = settings.apim_url;
  store_ = must(store::Store::open(settings));
  hub_ = must(publish::open_hub_directory((folder_ / "hub").string()));
  const auto key = must(publish::load_or_make_keys((folder_ / "keys").string()));
  publisher_ = std::make_unique<publish::Publisher>(store_->apim(), *hub_, key,
                                                    publish::PublisherSettings{});
  context_.reset(new Context{*store_, *publisher_, *hub_});
}

Office::~Office() {
  context_.reset();
  publisher_.reset();
  hub_.reset();
  store_.reset();
  std::filesystem::remove_all(folder_);
}

uint64_t Office::newest_epoch() {
  return must(store_->read([](Transaction& tx) { return tx.epoch(); }));
}

std::vector<std::string> Office::audited() {
  const auto listing = must(store_->read([](Transaction& tx) {
    return store::audit::list(tx, "carbon.super", {.limit = 1000, .offset = 0});
  }));
  std::vector<std::string> actions;
  for (const auto& entry : listing.items) actions.insert(actions.begin(), entry.action);
  return actions;
}

Caller admin() { return with_roles("admin", {"admin"}); }

Caller with_roles(const std::string& user, const std::vector<std::string>& roles) {
  Caller caller;
  caller.user = user;
  caller.scopes = model::scopes_of(roles);
  return caller;
}

nlohmann::json pizza() {
  return nlohmann::json::parse(R"({
    "name": "pizza", "version": "1.0.0", "context": "/pizza", "policies": ["Gold", "Unlimited"],
    "securityScheme": ["api_key", "oauth_basic_auth_api_key_mandatory"],
    "endpointConfig": {"endpoint_type": "http",
                       "production_endpoints": {"url": "http://127.0.0.1:9"}},
    "operations": [{"target": "/menu", "verb": "GET", "throttlingPolicy": "Unlimited",
                    "authType": "Application & Application User"}]})");
}

import::Project project_of(const nlohmann::json& document, const std::string& environment){
    auto read = must(model::read_api(document, nullptr));
import::Project project;
project.api = std::move(read.api);
project.warnings = std::move(read.warnings);
if (!environment.empty()) project.deployments.push_back({environment, "", true});
return project;
}  // namespace apim::service::testing

std::string make_api(Office& office, const nlohmann::json& document) {
  return must(apis::create(office.context(), admin(), document)).value.uuid;
}

std::string make_published_api(Office& office, const nlohmann::json& document) {
  const std::string uuid = make_api(office, document);
  must(lifecycle::change_state(office.context(), admin(), uuid, {"Publish", false}));
  return uuid;
}

std::string make_application(Office& office, const Caller& caller, const std::string& name) {
  model::Application application;
  application.name = name;
  return must(applications::create(office.context(), caller, application)).value.application.uuid;
}

}  // namespace apim::service::testing
