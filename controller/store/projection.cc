#include "store/projection.h"

#include <set>

#include "model/api_codec.h"
#include "model/policy.h"

namespace apim::store::projection {
namespace {

std::string auth_scheme(model::AuthType auth) {
  switch (auth) {
    case model::AuthType::Any: return "Any";
    case model::AuthType::Application: return "Application";
    case model::AuthType::ApplicationUser: return "Application_User";
    case model::AuthType::None: return "None";
  }
  return "Any";
}

Result<void> write_operation(Transaction& tx, const model::Api& api,
                             const model::Operation& operation, const std::string& revision_uuid) {
  ASSIGN_OR_REFUSE(const uint32_t id, tx.next_id("url_mapping"));
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO am_api_url_mapping (url_mapping_id, api_id, revision_uuid, http_method, "
             "auth_scheme, url_pattern, throttling_tier) VALUES (?, ?, ?, ?, ?, ?, ?)",
             {int64_t{id}, int64_t{api.id}, revision_uuid, model::to_text(operation.verb),
              auth_scheme(operation.auth), operation.target, operation.throttling_policy}));
  for (const std::string& scope : operation.scopes) {
    CHECK_OR_REFUSE(tx.run(
        "INSERT INTO am_api_resource_scope_mapping (url_mapping_id, scope_name, organization) "
        "VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        {int64_t{id}, scope, api.tenant}));
  }
  return {};
}

Result<void> write_plan(Transaction& tx, const model::Api& api, const std::string& revision_uuid,
                        const char* level, const std::string& tier) {
  if (tier.empty()) return {};
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO apim_api_plan (api_id, revision_uuid, policy_level, tier) VALUES "
             "(?, ?, ?, ?) ON CONFLICT DO NOTHING",
             {int64_t{api.id}, revision_uuid, std::string(level), tier}));
  return {};
}

Result<void> write_scope(Transaction& tx, const model::Api& api, const model::Scope& scope) {
  ASSIGN_OR_REFUSE(const uint32_t id, tx.next_id("scope"));
  ASSIGN_OR_REFUSE(
      const int64_t written,
      tx.run("INSERT INTO am_scope (scope_id, api_id, organization, name, display_name, "
             "description, scope_type) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
             {int64_t{id}, int64_t{api.id}, api.tenant, scope.name, scope.display_name,
              scope.description, std::string(scope.shared ? "SHARED" : "API")}));
  if (written == 0) return {};  // named twice; the document keeps both
  for (const std::string& role : scope.roles) {
    CHECK_OR_REFUSE(
        tx.run("INSERT INTO am_scope_binding (scope_id, scope_binding, binding_type) VALUES "
               "(?, ?, 'DEFAULT') ON CONFLICT DO NOTHING",
               {int64_t{id}, role}));
  }
  return {};
}

}  // namespace

Result<void> write(Transaction& tx, const model::Api& api, const std::string& revision_uuid) {
  CHECK_OR_REFUSE(erase(tx, api.id, revision_uuid));
  for (const model::Operation& operation : api.operations) {
    CHECK_OR_REFUSE(write_operation(tx, api, operation, revision_uuid));
  }
  for (const std::string& plan : api.policies) {
    CHECK_OR_REFUSE(write_plan(tx, api, revision_uuid, "subscription", plan));
  }
  CHECK_OR_REFUSE(write_plan(tx, api, revision_uuid, "advanced", api.throttling_policy));
  if (!revision_uuid.empty()) return {};
  for (const model::Scope& scope : api.scopes) CHECK_OR_REFUSE(write_scope(tx, api, scope));
  for (const std::string& tag : api.tags) {
    CHECK_OR_REFUSE(
        tx.run("INSERT INTO apim_api_tag (api_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING",
               {int64_t{api.id}, tag}));
  }
  return {};
}

Result<void> erase(Transaction& tx, uint32_t api_id, const std::string& revision_uuid) {
  const std::vector<Value> key{int64_t{api_id}, revision_uuid};
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_api_url_mapping WHERE api_id = ? AND revision_uuid = ?", key));
  CHECK_OR_REFUSE(tx.run("DELETE FROM apim_api_plan WHERE api_id = ? AND revision_uuid = ?", key));
  if (!revision_uuid.empty()) return {};
  CHECK_OR_REFUSE(tx.run("DELETE FROM am_scope WHERE api_id = ?", {int64_t{api_id}}));
  CHECK_OR_REFUSE(tx.run("DELETE FROM apim_api_tag WHERE api_id = ?", {int64_t{api_id}}));
  return {};
}

}  // namespace apim::store::projection
