#include "store/deployments.h"

#include <algorithm>
#include <map>
#include <set>

#include "store/apis.h"
#include "store/environments.h"

namespace apim::store::deployments {
namespace {

struct Source {
  uint32_t api_id = 0;
  bool is_default_version = false;
};

Result<std::vector<model::Deployment>> select(Transaction& tx, const std::string& condition,
                                              const std::vector<Value>& values) {
  std::vector<model::Deployment> found;
  CHECK_OR_REFUSE((tx.each<std::string, std::string, std::string, std::string, int64_t, int64_t>(
      "SELECT a.api_uuid, d.revision_uuid, d.name, d.vhost, d.display_on_devportal, "
      "d.deployed_time FROM am_deployment_revision_mapping d JOIN am_api a ON a.api_id = d.api_id "
      "WHERE " +
          condition + " ORDER BY d.name, d.vhost",
      values,
      [&](std::string api_uuid, std::string revision_uuid, std::string environment,
          std::string vhost, int64_t shown, int64_t deployed_ms) {
        found.push_back({.api_uuid = std::move(api_uuid),
                         .revision_uuid = std::move(revision_uuid),
                         .environment = std::move(environment),
                         .vhost = std::move(vhost),
                         .shown_in_devportal = shown != 0,
                         .deployed_ms = deployed_ms});
      })));
  return found;
}

Result<Source> source_of(Transaction& tx, const std::string& tenant, const std::string& api_uuid,
                         const std::string& revision_uuid) {
  ASSIGN_OR_REFUSE(const uint32_t id, apis::id_of(tx, tenant, api_uuid));
  ASSIGN_OR_REFUSE(
      const auto row,
      (tx.first<int64_t>(
          "SELECT is_default_version FROM am_revision WHERE api_id = ? AND revision_uuid = ?",
          {int64_t{id}, revision_uuid})));
  if (!row) {
    return model::refuse(
        model::not_found(900347, "revision '" + revision_uuid + "' of API '" + api_uuid + "'"));
  }
  return Source{.api_id = id, .is_default_version = std::get<0>(*row) != 0};
}

// Fills the default vhost in and refuses one the environment does not have.
Result<void> place(Transaction& tx, const std::string& tenant, model::Deployment& target) {
  ASSIGN_OR_REFUSE(const auto environment,
                   environments::find_by_name(tx, tenant, target.environment));
  if (!environment) {
    return model::refuse(
        model::not_found(900506, "gateway environment '" + target.environment + "'"));
  }
  const std::vector<std::string>& vhosts = environment->vhosts;
  if (target.vhost.empty()) target.vhost = vhosts.front();
  if (std::find(vhosts.begin(), vhosts.end(), target.vhost) != vhosts.end()) return {};
  std::string offered;
  for (const std::string& vhost : vhosts) offered += (offered.empty() ? "" : ", ") + vhost;
  return model::refuse(model::bad_request(900512, "Invalid virtual host name provided",
                                          "environment '" + target.environment +
                                              "' has no vhost '" + target.vhost +
                                              "'; it has: " + offered));
}

// Whoever answered for this name without a version does so no longer.
Result<void> take_default(Transaction& tx, const std::string& tenant, uint32_t api_id,
                          const std::string& environment) {
  std::vector<int64_t> others;
  CHECK_OR_REFUSE((tx.each<int64_t>(
      "SELECT DISTINCT d.api_id FROM am_deployment_revision_mapping d JOIN am_api a ON a.api_id = "
      "d.api_id WHERE d.name = ? AND d.serves_default = 1 AND a.api_id <> ? AND a.organization = ? "
      "AND a.api_name = (SELECT api_name FROM am_api WHERE api_id = ?)",
      {environment, int64_t{api_id}, tenant, int64_t{api_id}},
      [&](int64_t other) { others.push_back(other); })));
  for (const int64_t other : others) {
    CHECK_OR_REFUSE(
        tx.run("UPDATE am_deployment_revision_mapping SET serves_default = 0 WHERE "
               "api_id = ? AND name = ?",
               {other, environment}));
    CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Api, static_cast<uint32_t>(other)));
  }
  return {};
}

Result<void> insert(Transaction& tx, const std::string& tenant, const Source& source,
                    const model::Deployment& target) {
  CHECK_OR_REFUSE(tx.run(
      "INSERT INTO am_deployment_revision_mapping (api_id, name, vhost, organization, "
      "revision_uuid, revision_status, display_on_devportal, deployed_time, serves_default) VALUES "
      "(?, ?, ?, ?, ?, 'APPROVED', ?, ?, ?) ON CONFLICT DO NOTHING",
      {int64_t{source.api_id}, target.environment, target.vhost, tenant, target.revision_uuid,
       int64_t{target.shown_in_devportal}, target.deployed_ms,
       int64_t{source.is_default_version}}));
  return {};
}

}  // namespace

Result<std::vector<model::Deployment>> deploy(Transaction& tx, const std::string& tenant,
                                              const std::string& api_uuid,
                                              const std::string& revision_uuid,
                                              std::vector<model::Deployment> targets) {
  ASSIGN_OR_REFUSE(const Source source, source_of(tx, tenant, api_uuid, revision_uuid));
  std::set<std::string> environments;
  for (model::Deployment& target : targets) {
    CHECK_OR_REFUSE(place(tx, tenant, target));
    target.api_uuid = api_uuid;
    target.revision_uuid = revision_uuid;
    target.deployed_ms = tx.now_ms();
    environments.insert(target.environment);
  }
  for (const std::string& environment : environments) {
    CHECK_OR_REFUSE(
        tx.run("DELETE FROM am_deployment_revision_mapping WHERE api_id = ? AND name = ?",
               {int64_t{source.api_id}, environment}));
    if (source.is_default_version) {
      CHECK_OR_REFUSE(take_default(tx, tenant, source.api_id, environment));
    }
  }
  for (const model::Deployment& target : targets) {
    CHECK_OR_REFUSE(insert(tx, tenant, source, target));
  }
  if (!targets.empty()) {
    CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Api, source.api_id));
  }
  return targets;
}

Result<std::vector<model::Deployment>> undeploy(Transaction& tx, const std::string& tenant,
                                                const std::string& api_uuid, const Where& where) {
  ASSIGN_OR_REFUSE(const uint32_t id, apis::id_of(tx, tenant, api_uuid));
  std::string condition = "d.api_id = ?";
  std::vector<Value> values{int64_t{id}};
  const auto narrow = [&](const char* column, const std::string& value) {
    if (value.empty()) return;
    condition += std::string(" AND ") + column + " = ?";
    values.emplace_back(value);
  };
  narrow("d.revision_uuid", where.revision_uuid);
  narrow("d.name", where.environment);
  narrow("d.vhost", where.vhost);
  ASSIGN_OR_REFUSE(auto removed, select(tx, condition, values));
  for (const model::Deployment& gone : removed) {
    CHECK_OR_REFUSE(tx.run(
        "DELETE FROM am_deployment_revision_mapping WHERE api_id = ? AND name = ? AND vhost = ?",
        {int64_t{id}, gone.environment, gone.vhost}));
  }
  if (!removed.empty()) CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Api, id));
  return removed;
}

Result<std::vector<model::Deployment>> list(Transaction& tx, const std::string& tenant,
                                            const std::string& api_uuid) {
  return select(tx, "a.organization = ? AND a.api_uuid = ?", {tenant, api_uuid});
}

Result<std::vector<model::Deployment>> list_of_revision(Transaction& tx, const std::string& tenant,
                                                        const std::string& revision_uuid) {
  return select(tx, "a.organization = ? AND d.revision_uuid = ?", {tenant, revision_uuid});
}

Result<void> show(Transaction& tx, const std::string& tenant, const model::Deployment& deployment) {
  ASSIGN_OR_REFUSE(const uint32_t id, apis::id_of(tx, tenant, deployment.api_uuid));
  ASSIGN_OR_REFUSE(
      const int64_t touched,
      tx.run("UPDATE am_deployment_revision_mapping SET display_on_devportal = ? WHERE api_id = ? "
             "AND name = ? AND vhost = ?",
             {int64_t{deployment.shown_in_devportal}, int64_t{id}, deployment.environment,
              deployment.vhost}));
  if (touched == 0) {
    return model::refuse(model::not_found(
        900356, "a deployment to '" + deployment.environment + "' on '" + deployment.vhost + "'"));
  }
  return {};
}

}  // namespace apim::store::deployments
