#include "store/environments.h"

#include <algorithm>
#include <set>

namespace apim::store::environments {
namespace {

constexpr const char* kDefault = "Default";

struct Found {
  int64_t id = 0;
  model::Environment environment;
};

Result<std::vector<Found>> select(Transaction& tx, const std::string& condition,
                                  const std::vector<Value>& values) {
  std::vector<Found> all;
  CHECK_OR_REFUSE((tx.each<int64_t, std::string, std::string, std::string, std::string>(
      "SELECT id, uuid, name, display_name, description FROM am_gateway_environment WHERE " +
          condition + " ORDER BY name",
      values,
      [&](int64_t id, std::string uuid, std::string name, std::string display_name,
          std::string description) {
        all.push_back({.id = id,
                       .environment = {.uuid = std::move(uuid),
                                       .name = std::move(name),
                                       .display_name = std::move(display_name),
                                       .description = std::move(description),
                                       .vhosts = {}}});
      })));
  for (Found& found : all) {
    CHECK_OR_REFUSE((tx.each<std::string>(
        "SELECT host FROM am_gw_vhost WHERE gateway_env_id = ? ORDER BY position", {found.id},
        [&](std::string host) { found.environment.vhosts.push_back(std::move(host)); })));
  }
  return all;
}

Result<Found> find_row(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(auto all, select(tx, "organization = ? AND uuid = ?", {tenant, uuid}));
  if (all.empty()) {
    return model::refuse(model::not_found(900506, "gateway environment '" + uuid + "'"));
  }
  return std::move(all.front());
}

Result<void> check_vhosts(const model::Environment& environment) {
  const std::vector<std::string>& vhosts = environment.vhosts;
  if (vhosts.empty() || std::find(vhosts.begin(), vhosts.end(), "") != vhosts.end()) {
    return model::refuse(
        model::bad_request(900511, "Gateway Environment virtual hosts name not provided",
                           "environment '" + environment.name + "' needs at least one vhost"));
  }
  std::set<std::string> seen;
  for (const std::string& vhost : vhosts) {
    if (seen.insert(vhost).second) continue;
    return model::refuse(model::bad_request(
        900509, "Gateway Environment with duplicate virtual hosts",
        "environment '" + environment.name + "' names the vhost '" + vhost + "' twice"));
  }
  return {};
}

Result<void> write_vhosts(Transaction& tx, int64_t id, const std::vector<std::string>& vhosts) {
  CHECK_OR_REFUSE(tx.run("DELETE FROM am_gw_vhost WHERE gateway_env_id = ?", {id}));
  int64_t position = 0;
  for (const std::string& vhost : vhosts) {
    CHECK_OR_REFUSE(
        tx.run("INSERT INTO am_gw_vhost (gateway_env_id, position, host) VALUES (?, ?, ?)",
               {id, position++, vhost}));
  }
  return {};
}

// "" or the name of an API that stands on the vhost ("" = on any).
Result<std::string> occupant(Transaction& tx, const std::string& tenant, const std::string& name,
                             const std::string& vhost) {
  std::string condition = "d.organization = ? AND d.name = ?";
  std::vector<Value> values{tenant, name};
  if (!vhost.empty()) {
    condition += " AND d.vhost = ?";
    values.emplace_back(vhost);
  }
  ASSIGN_OR_REFUSE(
      const auto row,
      (tx.first<std::string, std::string>(
          "SELECT a.api_name, a.api_version FROM am_deployment_revision_mapping d JOIN am_api a ON "
          "a.api_id = d.api_id WHERE " +
              condition + " ORDER BY a.api_id LIMIT 1",
          values)));
  if (!row) return std::string();
  return "API '" + std::get<0>(*row) + "' " + std::get<1>(*row);
}

}  // namespace

Result<model::Environment> insert(Transaction& tx, const std::string& tenant,
                                  model::Environment environment) {
  CHECK_OR_REFUSE(check_vhosts(environment));
  ASSIGN_OR_REFUSE(const auto taken, find_by_name(tx, tenant, environment.name));
  if (taken) {
    return model::refuse(
        model::conflict(900507, "Gateway Environment already exists",
                        "there is a gateway environment '" + environment.name + "' already"));
  }
  if (environment.uuid.empty()) environment.uuid = new_uuid();
  ASSIGN_OR_REFUSE(const uint32_t id, tx.next_id("environment"));
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO am_gateway_environment (id, uuid, organization, name, display_name, "
             "description) VALUES (?, ?, ?, ?, ?, ?)",
             {int64_t{id}, environment.uuid, tenant, environment.name, environment.display_name,
              environment.description}));
  CHECK_OR_REFUSE(write_vhosts(tx, id, environment.vhosts));
  return environment;
}

Result<model::Environment> update(Transaction& tx, const std::string& tenant,
                                  model::Environment environment) {
  ASSIGN_OR_REFUSE(const Found found, find_row(tx, tenant, environment.uuid));
  environment.name = found.environment.name;
  CHECK_OR_REFUSE(check_vhosts(environment));
  for (const std::string& vhost : found.environment.vhosts) {
    const auto& kept = environment.vhosts;
    if (std::find(kept.begin(), kept.end(), vhost) != kept.end()) continue;
    ASSIGN_OR_REFUSE(const std::string api, occupant(tx, tenant, environment.name, vhost));
    if (api.empty()) continue;
    return model::refuse(model::conflict(
        900507, "The vhost is in use",
        api + " is deployed on vhost '" + vhost + "' of environment '" + environment.name + "'"));
  }
  CHECK_OR_REFUSE(
      tx.run("UPDATE am_gateway_environment SET display_name = ?, description = ? WHERE id = ?",
             {environment.display_name, environment.description, found.id}));
  CHECK_OR_REFUSE(write_vhosts(tx, found.id, environment.vhosts));
  return environment;
}

Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(const Found found, find_row(tx, tenant, uuid));
  const std::string& name = found.environment.name;
  if (name == kDefault) {
    return model::refuse(model::bad_request(900508, "Gateway Environment is read only",
                                            "the environment 'Default' cannot be removed"));
  }
  ASSIGN_OR_REFUSE(const std::string api, occupant(tx, tenant, name, ""));
  if (!api.empty()) {
    return model::refuse(model::conflict(900507, "The Gateway Environment is in use",
                                         api + " is deployed to environment '" + name + "'"));
  }
  CHECK_OR_REFUSE(tx.run("DELETE FROM am_gateway_environment WHERE id = ?", {found.id}));
  return {};
}

Result<model::Environment> find(Transaction& tx, const std::string& tenant,
                                const std::string& uuid) {
  ASSIGN_OR_REFUSE(Found found, find_row(tx, tenant, uuid));
  return std::move(found.environment);
}

Result<std::optional<model::Environment>> find_by_name(Transaction& tx, const std::string& tenant,
                                                       const std::string& name) {
  ASSIGN_OR_REFUSE(auto all, select(tx, "organization = ? AND name = ?", {tenant, name}));
  if (all.empty()) return std::optional<model::Environment>{};
  return std::optional<model::Environment>(std::move(all.front().environment));
}

Result<std::vector<model::Environment>> list(Transaction& tx, const std::string& tenant) {
  ASSIGN_OR_REFUSE(auto all, select(tx, "organization = ?", {tenant}));
  std::vector<model::Environment> environments;
  for (Found& found : all) environments.push_back(std::move(found.environment));
  return environments;
}

Result<std::vector<std::string>> names(Transaction& tx) {
  std::vector<std::string> found;
  CHECK_OR_REFUSE(
      tx.each<std::string>("SELECT DISTINCT name FROM am_gateway_environment ORDER BY name", {},
                           [&](std::string name) { found.push_back(std::move(name)); }));
  return found;
}

Result<void> seed(Transaction& tx, const std::string& tenant) {
  ASSIGN_OR_REFUSE(const auto known, find_by_name(tx, tenant, kDefault));
  if (known) return {};
  CHECK_OR_REFUSE(insert(tx, tenant,
                         {.uuid = "",
                          .name = kDefault,
                          .display_name = kDefault,
                          .description = "Gateways that name no other environment",
                          .vhosts = {"localhost"}}));
  return {};
}

}  // namespace apim::store::environments
