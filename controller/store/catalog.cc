#include "store/catalog.h"

#include <set>

#include "model/api_codec.h"
#include "store/outbox.h"
#include "store/rows.h"

namespace apim::store::catalog {
namespace {

using model::Catalog;
using model::Change;

// One deployed API as the rows give it; its document is read afterwards.
struct DeployedRow {
  rows::ApiRow api;
  uint32_t revision_number = 0;
  bool serves_default = false;
  std::vector<std::string> vhosts;
};

Result<std::vector<DeployedRow>> deployed_rows(Transaction& tx, const std::string& environment,
                                               std::optional<uint32_t> only) {
  std::vector<DeployedRow> found;
  std::vector<Value> values{environment};
  if (only) values.emplace_back(int64_t{*only});
  using std::string;
  CHECK_OR_REFUSE((tx.each<int64_t, string, string, string, string, string, string, int64_t,
                           int64_t, int64_t, string, string, int64_t>(
      "SELECT a.api_id, a.api_uuid, a.organization, a.api_provider, a.api_name, a.api_version, "
      "a.status, a.created_time, a.updated_time, r.id, r.document, d.vhost, d.serves_default FROM "
      "am_deployment_revision_mapping d JOIN am_api a ON a.api_id = d.api_id JOIN am_revision r ON "
      "r.revision_uuid = d.revision_uuid WHERE d.name = ?" +
          string(only ? " AND d.api_id = ?" : "") + " ORDER BY a.api_id, d.vhost",
      values,
      [&](int64_t id, string uuid, string tenant, string provider, string name, string version,
          const string& status, int64_t created_ms, int64_t updated_ms, int64_t number,
          string document, string vhost, int64_t serves_default) {
        if (!found.empty() && found.back().api.columns.id == id) {
          found.back().vhosts.push_back(std::move(vhost));
          return;
        }
        DeployedRow& row = found.emplace_back();
        model::Api& api = row.api.columns;
        api.id = static_cast<uint32_t>(id);
        api.uuid = std::move(uuid);
        api.tenant = std::move(tenant);
        api.provider = std::move(provider);
        api.name = std::move(name);
        api.version = std::move(version);
        api.lifecycle = model::parse_lifecycle(status).value_or(model::Lifecycle::Retired);
        api.is_default_version = serves_default != 0;
        api.created_ms = created_ms;
        api.updated_ms = updated_ms;
        row.api.document = std::move(document);
        row.revision_number = static_cast<uint32_t>(number);
        row.vhosts.push_back(std::move(vhost));
      })));
  return found;
}

// Replaces one API, or all of them.
Result<void> read_apis(Transaction& tx, Catalog& catalog, std::optional<uint32_t> only) {
  ASSIGN_OR_REFUSE(auto deployed, deployed_rows(tx, catalog.environment, only));
  if (only) {
    catalog.apis.erase(*only);
    catalog.unreadable.erase(*only);
  }
  for (DeployedRow& row : deployed) {
    const uint32_t id = row.api.columns.id;
    auto api = rows::hydrate(std::move(row.api));
    if (!api) {
      catalog.unreadable[id] = std::move(api.error().description);
      continue;
    }
    catalog.apis[id] = {.api = std::move(*api),
                        .revision_number = row.revision_number,
                        .vhosts = std::move(row.vhosts)};
  }
  return {};
}

rows::Where of_application(const char* column, std::optional<uint32_t> only) {
  if (!only) return {};
  return {.condition = std::string(column) + " = ?", .values = {int64_t{*only}}, .order = ""};
}

// Replaces one application with its subscriptions and keys, or all of them.
Result<void> read_applications(Transaction& tx, Catalog& catalog, std::optional<uint32_t> only) {
  ASSIGN_OR_REFUSE(auto applications,
                   rows::applications(tx, of_application("a.application_id", only)));
  ASSIGN_OR_REFUSE(auto subscriptions,
                   rows::subscriptions(tx, of_application("s.application_id", only)));
  ASSIGN_OR_REFUSE(auto keys, rows::api_keys(tx, of_application("k.application_id", only)));
  if (only) {
    catalog.applications.erase(*only);
    catalog.subscriptions.erase(*only);
    catalog.keys.erase(*only);
  }
  for (auto& application : applications) {
    catalog.applications[application.id] = std::move(application);
  }
  for (auto& subscription : subscriptions) {
    catalog.subscriptions[subscription.application_id].push_back(std::move(subscription));
  }
  for (auto& key : keys) catalog.keys[key.application_id].push_back(std::move(key));
  return {};
}

Result<void> read_policies(Transaction& tx, Catalog& catalog, std::optional<uint32_t> only) {
  if (only) catalog.policies.erase(*only);
  for (const auto level : {model::PolicyLevel::Subscription, model::PolicyLevel::Application,
                           model::PolicyLevel::Advanced}) {
    ASSIGN_OR_REFUSE(auto policies, rows::policies(tx, level, of_application("policy_id", only)));
    for (auto& policy : policies) catalog.policies[policy.id] = std::move(policy);
  }
  return {};
}

Result<void> read_denies(Transaction& tx, Catalog& catalog) {
  ASSIGN_OR_REFUSE(catalog.denies, rows::denies(tx, {}));
  return {};
}

Result<void> read_again(Transaction& tx, Catalog& catalog, Change::Kind kind, uint32_t id) {
  switch (kind) {
    case Change::Kind::Api: return read_apis(tx, catalog, id);
    case Change::Kind::Application: return read_applications(tx, catalog, id);
    case Change::Kind::Policy: return read_policies(tx, catalog, id);
    case Change::Kind::Deny: return read_denies(tx, catalog);
    case Change::Kind::Everything: break;
  }
  ASSIGN_OR_REFUSE(catalog, load(tx, std::string(catalog.environment)));
  return {};
}

}  // namespace

Result<Catalog> load(Transaction& tx, const std::string& environment) {
  Catalog catalog;
  catalog.environment = environment;
  ASSIGN_OR_REFUSE(catalog.epoch, outbox::newest(tx));
  CHECK_OR_REFUSE(read_apis(tx, catalog, {}));
  CHECK_OR_REFUSE(read_applications(tx, catalog, {}));
  CHECK_OR_REFUSE(read_policies(tx, catalog, {}));
  CHECK_OR_REFUSE(read_denies(tx, catalog));
  return catalog;
}

Result<std::vector<Change>> changes_since(Transaction& tx, uint64_t epoch) {
  return outbox::changes_since(tx, epoch);
}

Result<void> refresh(Transaction& tx, Catalog& catalog, const std::vector<Change>& changes) {
  std::set<std::pair<Change::Kind, uint32_t>> touched;  // each aggregate once
  for (const Change& change : changes) touched.emplace(change.kind, change.id);
  if (touched.contains({Change::Kind::Everything, 0})) {
    return read_again(tx, catalog, Change::Kind::Everything, 0);
  }
  for (const auto& [kind, id] : touched) CHECK_OR_REFUSE(read_again(tx, catalog, kind, id));
  ASSIGN_OR_REFUSE(catalog.epoch, outbox::newest(tx));
  return {};
}

}  // namespace apim::store::catalog
