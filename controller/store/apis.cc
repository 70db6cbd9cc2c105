#include "store/apis.h"

#include <nlohmann/json.hpp>

#include "model/api_codec.h"
#include "store/api_query.h"
#include "store/deployments.h"
#include "store/projection.h"
#include "store/rows.h"

namespace apim::store::rows {
namespace {

constexpr std::string_view kColumns =
    "api_id, api_uuid, organization, api_provider, api_name, api_version, context, "
    "context_template, api_tier, api_type, status, description, created_time, updated_time, "
    "(SELECT COUNT(*) FROM am_api_default_version v WHERE v.organization = am_api.organization AND "
    "v.api_name = am_api.api_name AND v.default_api_version = am_api.api_version), document, ";

}  // namespace

Result<std::vector<ApiRow>> apis(Transaction& tx, const Where& where, bool with_definition) {
  std::vector<ApiRow> found;
  const std::string sql = "SELECT " + std::string(kColumns) +
                          (with_definition ? "definition" : "''") + " FROM am_api WHERE " +
                          where.condition + " " +
                          (where.order.empty() ? "ORDER BY api_id" : where.order);
  using std::string;
  CHECK_OR_REFUSE((tx.each<int64_t, string, string, string, string, string, string, string, string,
                           string, string, string, int64_t, int64_t, int64_t, string, string>(
      sql, where.values,
      [&](int64_t id, string uuid, string tenant, string provider, string name, string version,
          string context, string context_template, string tier, string type, string status,
          string description, int64_t created_ms, int64_t updated_ms, int64_t is_default,
          string document, string definition) {
        ApiRow& row = found.emplace_back();
        model::Api& api = row.columns;
        api.id = static_cast<uint32_t>(id);
        api.uuid = std::move(uuid);
        api.tenant = std::move(tenant);
        api.provider = std::move(provider);
        api.name = std::move(name);
        api.version = std::move(version);
        api.context = std::move(context);
        api.context_template = std::move(context_template);
        api.throttling_policy = std::move(tier);
        api.type = std::move(type);
        api.lifecycle = model::parse_lifecycle(status).value_or(model::Lifecycle::Retired);
        api.description = std::move(description);
        api.created_ms = created_ms;
        api.updated_ms = updated_ms;
        api.is_default_version = is_default > 0;
        row.document = std::move(document);
        row.definition = std::move(definition);
      })));
  return found;
}

Result<model::Api> hydrate(ApiRow row) {
  const model::Api& columns = row.columns;
  const auto data = nlohmann::json::parse(row.document, nullptr, false);
  if (data.is_discarded()) {
    return model::refuse(model::internal_error("the stored document of API '" + columns.name +
                                               "' " + columns.version + " is no JSON"));
  }
  auto read = model::read_api(data, nullptr);
  if (!read) {
    return model::refuse(model::internal_error("the stored document of API '" + columns.name +
                                               "' " + columns.version +
                                               " cannot be read: " + read.error().description));
  }
  model::Api api = std::move(read->api);
  api.id = columns.id;
  api.uuid = columns.uuid;
  api.tenant = columns.tenant;
  api.provider = columns.provider;
  api.lifecycle = columns.lifecycle;
  api.is_default_version = columns.is_default_version;
  api.created_ms = columns.created_ms;
  api.updated_ms = columns.updated_ms;
  api.document = std::move(row.document);
  api.definition = std::move(row.definition);
  return api;
}

}  // namespace apim::store::rows

namespace apim::store::apis {
namespace {

std::string named(const model::Api& api) { return "API '" + api.name + "' " + api.version; }

// The names somebody else has already. The constraints stand behind these checks.
Result<void> check_free(Transaction& tx, const model::Api& api) {
  ASSIGN_OR_REFUSE(
      const int64_t same_version,
      tx.number("SELECT COUNT(*) FROM am_api WHERE organization = ? AND api_name = ? AND "
                "api_version = ? AND api_uuid <> ?",
                {api.tenant, api.name, api.version, api.uuid}));
  if (same_version > 0) {
    return model::refuse(
        model::conflict(900250, "The API name already exists.", named(api) + " already exists"));
  }
  ASSIGN_OR_REFUSE(
      const auto holder,
      (tx.first<std::string, std::string>(
          "SELECT api_name, api_version FROM am_api WHERE organization = ? AND api_uuid <> ? AND "
          "(context = ? OR (context_template = ? AND api_name <> ?)) ORDER BY api_id LIMIT 1",
          {api.tenant, api.uuid, api.context, api.context_template, api.name})));
  if (holder) {
    return model::refuse(model::conflict(900251, "The API context already exists.",
                                         "the context '" + api.context + "' of " + named(api) +
                                             " belongs to API '" + std::get<0>(*holder) + "' " +
                                             std::get<1>(*holder)));
  }
  return {};
}

Result<void> write_default_version(Transaction& tx, const model::Api& api) {
  if (api.is_default_version) {
    CHECK_OR_REFUSE(tx.run(
        "INSERT INTO am_api_default_version (organization, api_name, default_api_version) VALUES "
        "(?, ?, ?) ON CONFLICT (organization, api_name) DO UPDATE SET default_api_version = "
        "excluded.default_api_version",
        {api.tenant, api.name, api.version}));
    return {};
  }
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_api_default_version WHERE organization = ? AND api_name = ? AND "
             "default_api_version = ?",
             {api.tenant, api.name, api.version}));
  return {};
}

std::vector<Value> columns_of(const model::Api& api) {
  return {api.provider,
          api.name,
          api.version,
          api.context,
          api.context_template,
          api.throttling_policy,
          api.type,
          model::to_text(api.lifecycle),
          api.description,
          api.updated_ms,
          api.document,
          api.definition,
          api.tenant,
          api.uuid};
}

Result<std::optional<model::Api>> find_where(Transaction& tx, const rows::Where& where) {
  ASSIGN_OR_REFUSE(auto found, rows::apis(tx, where, true));
  if (found.empty()) return std::optional<model::Api>{};
  ASSIGN_OR_REFUSE(model::Api api, rows::hydrate(std::move(found.front())));
  return std::optional<model::Api>(std::move(api));
}

Problem no_api(const std::string& uuid) { return model::not_found(900308, "API '" + uuid + "'"); }

}  // namespace

Result<model::Api> insert(Transaction& tx, model::Api api) {
  if (api.uuid.empty()) api.uuid = new_uuid();
  CHECK_OR_REFUSE(check_free(tx, api));
  ASSIGN_OR_REFUSE(api.id, tx.next_id("api"));
  api.created_ms = tx.now_ms();
  api.updated_ms = tx.now_ms();
  api.document = model::write_api(api).dump();
  std::vector<Value> values = columns_of(api);
  values.emplace_back(int64_t{api.id});
  values.emplace_back(api.created_ms);
  CHECK_OR_REFUSE(tx.run(
      "INSERT INTO am_api (api_provider, api_name, api_version, context, context_template, "
      "api_tier, api_type, status, description, updated_time, document, definition, organization, "
      "api_uuid, api_id, created_time, revisions_created) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
      values));
  CHECK_OR_REFUSE(write_default_version(tx, api));
  CHECK_OR_REFUSE(projection::write(tx, api, ""));
  return api;
}

Result<model::Api> update(Transaction& tx, model::Api api) {
  ASSIGN_OR_REFUSE(
      const auto stored,
      (tx.first<int64_t, int64_t, std::string>(
          "SELECT api_id, created_time, status FROM am_api WHERE organization = ? AND api_uuid = ?",
          {api.tenant, api.uuid})));
  if (!stored) return model::refuse(no_api(api.uuid));
  CHECK_OR_REFUSE(check_free(tx, api));
  api.id = static_cast<uint32_t>(std::get<0>(*stored));
  api.created_ms = std::get<1>(*stored);
  api.lifecycle = model::parse_lifecycle(std::get<2>(*stored)).value_or(model::Lifecycle::Retired);
  api.updated_ms = tx.now_ms();
  api.document = model::write_api(api).dump();
  CHECK_OR_REFUSE(
      tx.run("UPDATE am_api SET api_provider = ?, api_name = ?, api_version = ?, context = ?, "
             "context_template = ?, api_tier = ?, api_type = ?, status = ?, description = ?, "
             "updated_time = ?, document = ?, definition = ? WHERE organization = ? AND "
             "api_uuid = ?",
             columns_of(api)));
  CHECK_OR_REFUSE(write_default_version(tx, api));
  CHECK_OR_REFUSE(projection::write(tx, api, ""));
  return api;
}

Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(auto found, rows::apis(tx,
                                          {.condition = "organization = ? AND api_uuid = ?",
                                           .values = {tenant, uuid},
                                           .order = ""},
                                          false));
  if (found.empty()) return model::refuse(no_api(uuid));
  model::Api& api = found.front().columns;
  ASSIGN_OR_REFUSE(const uint64_t subscriptions, count_subscriptions(tx, tenant, uuid));
  if (subscriptions > 0) {
    return model::refuse(model::conflict(900366, "Failed to delete the API",
                                         named(api) + " has " + std::to_string(subscriptions) +
                                             " subscriptions; remove them first"));
  }
  CHECK_OR_REFUSE(deployments::undeploy(tx, tenant, uuid, {}));
  api.is_default_version = false;
  CHECK_OR_REFUSE(write_default_version(tx, api));
  CHECK_OR_REFUSE(tx.run("DELETE FROM am_revision WHERE api_id = ?", {int64_t{api.id}}));
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_api WHERE organization = ? AND api_uuid = ?", {tenant, uuid}));
  return {};
}

Result<uint32_t> id_of(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(const int64_t id,
                   tx.number("SELECT api_id FROM am_api WHERE organization = ? AND api_uuid = ?",
                             {tenant, uuid}));
  if (id == 0) return model::refuse(no_api(uuid));
  return static_cast<uint32_t>(id);
}

Result<model::Api> find(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(auto api, find_where(tx, {.condition = "organization = ? AND api_uuid = ?",
                                             .values = {tenant, uuid},
                                             .order = ""}));
  if (!api) return model::refuse(no_api(uuid));
  return std::move(*api);
}

Result<std::optional<model::Api>> find_by_name(Transaction& tx, const std::string& tenant,
                                               const std::string& name,
                                               const std::string& version) {
  return find_where(tx, {.condition = "organization = ? AND api_name = ? AND api_version = ?",
                         .values = {tenant, name, version},
                         .order = ""});
}

Result<std::optional<model::Api>> find_by_context(Transaction& tx, const std::string& tenant,
                                                  const std::string& context) {
  return find_where(
      tx,
      {.condition = "organization = ? AND context = ?", .values = {tenant, context}, .order = ""});
}

Result<Listing<model::Api>> list(Transaction& tx, const std::string& tenant, const Filter& filter) {
  ASSIGN_OR_REFUSE(rows::Where where, parse_api_query(filter.query));
  where.condition += " AND organization = ?";
  where.values.emplace_back(tenant);
  if (!filter.states.empty()) {
    std::string places;
    for (const model::Lifecycle state : filter.states) {
      places += places.empty() ? "?" : ", ?";
      where.values.emplace_back(model::to_text(state));
    }
    where.condition += " AND status IN (" + places + ")";
  }
  Listing<model::Api> listing;
  ASSIGN_OR_REFUSE(const int64_t total,
                   tx.number("SELECT COUNT(*) FROM am_api WHERE " + where.condition, where.values));
  listing.total = static_cast<uint64_t>(total);
  where.order = "ORDER BY lower(api_name), api_name, api_id LIMIT ? OFFSET ?";
  where.values.emplace_back(int64_t{filter.page.limit});
  where.values.emplace_back(int64_t{filter.page.offset});
  ASSIGN_OR_REFUSE(auto found, rows::apis(tx, where, false));
  for (rows::ApiRow& row : found) {
    model::Api columns = row.columns;
    auto api = rows::hydrate(std::move(row));
    listing.items.push_back(api ? std::move(*api) : std::move(columns));
  }
  return listing;
}

Result<std::vector<model::Api>> versions(Transaction& tx, const std::string& tenant,
                                         const std::string& name) {
  ASSIGN_OR_REFUSE(auto found, rows::apis(tx,
                                          {.condition = "organization = ? AND api_name = ?",
                                           .values = {tenant, name},
                                           .order = ""},
                                          true));
  std::vector<model::Api> apis;
  for (rows::ApiRow& row : found) {
    ASSIGN_OR_REFUSE(model::Api api, rows::hydrate(std::move(row)));
    apis.push_back(std::move(api));
  }
  return apis;
}

Result<uint64_t> count_subscriptions(Transaction& tx, const std::string& tenant,
                                     const std::string& uuid) {
  ASSIGN_OR_REFUSE(const uint32_t id, id_of(tx, tenant, uuid));
  ASSIGN_OR_REFUSE(
      const int64_t count,
      tx.number("SELECT COUNT(*) FROM am_subscription WHERE api_id = ?", {int64_t{id}}));
  return static_cast<uint64_t>(count);
}

}  // namespace apim::store::apis
