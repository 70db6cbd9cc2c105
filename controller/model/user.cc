#include "model/user.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace apim::model {
namespace {

// One letter a role: C creator, P publisher, S subscriber, D devops, O observer, A analytics,
// I integration_dev. No letter: admin only.
struct RoleRow {
  std::string_view scope;
  std::string_view roles;
};

constexpr std::array kRoleRows{
    // Publisher
    RoleRow{"apim:api_create", "C"},
    RoleRow{"apim:api_delete", "C"},
    RoleRow{"apim:api_publish", "P"},
    RoleRow{"apim:api_view", "CPOA"},
    RoleRow{"apim:api_list_view", "I"},
    RoleRow{"apim:api_definition_view", "I"},
    RoleRow{"apim:api_manage", ""},
    RoleRow{"apim:api_generate_key", "CP"},
    RoleRow{"apim:api_mediation_policy_manage", "C"},
    RoleRow{"apim:mediation_policy_view", "CO"},
    RoleRow{"apim:mediation_policy_create", "C"},
    RoleRow{"apim:mediation_policy_manage", "C"},
    RoleRow{"apim:common_operation_policy_view", "CPO"},
    RoleRow{"apim:common_operation_policy_manage", "C"},
    RoleRow{"apim:gateway_policy_view", "CPO"},
    RoleRow{"apim:gateway_policy_manage", "C"},
    RoleRow{"apim:threat_protection_policy_create", "C"},
    RoleRow{"apim:threat_protection_policy_manage", "C"},
    RoleRow{"apim:ep_certificates_view", "CO"},
    RoleRow{"apim:ep_certificates_add", "C"},
    RoleRow{"apim:ep_certificates_update", "C"},
    RoleRow{"apim:ep_certificates_manage", "C"},
    RoleRow{"apim:client_certificates_view", "CO"},
    RoleRow{"apim:client_certificates_add", "C"},
    RoleRow{"apim:client_certificates_update", "C"},
    RoleRow{"apim:client_certificates_manage", "C"},
    RoleRow{"apim:document_create", "CP"},
    RoleRow{"apim:document_manage", "CP"},
    RoleRow{"apim:comment_view", "CPO"},
    RoleRow{"apim:comment_write", "CP"},
    RoleRow{"apim:comment_manage", "CP"},
    RoleRow{"apim:tier_view", "CPO"},
    RoleRow{"apim:tier_manage", ""},
    RoleRow{"apim:subscription_view", "CPO"},
    RoleRow{"apim:subscription_block", "P"},
    RoleRow{"apim:subscription_manage", "P"},
    RoleRow{"apim:subscription_approval_view", "P"},
    RoleRow{"apim:subscription_approval_manage", "P"},
    RoleRow{"apim:monetization_usage_publish", "P"},
    RoleRow{"apim:publisher_settings", "CPO"},
    RoleRow{"apim:publisher_organization_read", "CP"},
    RoleRow{"apim:pub_alert_manage", "CP"},
    RoleRow{"apim:shared_scope_manage", ""},
    RoleRow{"apim:llm_provider_read", "CP"},
    RoleRow{"service_catalog:service_view", "CP"},
    RoleRow{"service_catalog:service_write", "C"},
    RoleRow{"apim:api_import_export", "D"},
    RoleRow{"apim:api_product_import_export", "D"},
    // Developer portal
    RoleRow{"apim:subscribe", "SD"},
    RoleRow{"apim:app_manage", "SD"},
    RoleRow{"apim:app_update", "S"},
    RoleRow{"apim:sub_manage", "SD"},
    RoleRow{"apim:store_settings", "S"},
    RoleRow{"apim:api_key", "S"},
    RoleRow{"apim:sub_alert_manage", "S"},
    RoleRow{"apim:app_import_export", "D"},
    // Admin
    RoleRow{"apim:admin", ""},
    RoleRow{"apim:admin_operations", ""},
    RoleRow{"apim:admin_settings", ""},
    RoleRow{"apim:admin_tier_view", ""},
    RoleRow{"apim:admin_tier_manage", ""},
    RoleRow{"apim:admin_application_view", ""},
    RoleRow{"apim:admin_alert_manage", ""},
    RoleRow{"apim:api_category", ""},
    RoleRow{"apim:api_provider_change", ""},
    RoleRow{"apim:api_workflow_view", ""},
    RoleRow{"apim:api_workflow_approve", ""},
    RoleRow{"apim:app_owner_change", ""},
    RoleRow{"apim:app_settings_change", ""},
    RoleRow{"apim:bl_view", ""},
    RoleRow{"apim:bl_manage", ""},
    RoleRow{"apim:bot_data", ""},
    RoleRow{"apim:environment_read", ""},
    RoleRow{"apim:environment_manage", ""},
    RoleRow{"apim:keymanagers_manage", ""},
    RoleRow{"apim:llm_provider_manage", ""},
    RoleRow{"apim:organization_read", ""},
    RoleRow{"apim:organization_manage", ""},
    RoleRow{"apim:policies_import_export", "D"},
    RoleRow{"apim:role_manage", ""},
    RoleRow{"apim:scope_manage", ""},
    RoleRow{"apim:tenantInfo", ""},
    RoleRow{"apim:tenant_theme_manage", ""},
};

constexpr std::array<std::pair<std::string_view, char>, 7> kLetters{{
    {"Internal/creator", 'C'},
    {"Internal/publisher", 'P'},
    {"Internal/subscriber", 'S'},
    {"Internal/devops", 'D'},
    {"Internal/observer", 'O'},
    {"Internal/analytics", 'A'},
    {"Internal/integration_dev", 'I'},
}};

}  // namespace

std::set<std::string> scopes_of(const std::vector<std::string>& roles) {
  const bool is_admin = std::find(roles.begin(), roles.end(), "admin") != roles.end();
  std::string letters;
  for (const auto& [role, letter] : kLetters) {
    if (std::find(roles.begin(), roles.end(), role) != roles.end()) letters += letter;
  }
  std::set<std::string> scopes;
  for (const RoleRow& row : kRoleRows) {
    if (is_admin || row.roles.find_first_of(letters) != std::string_view::npos) {
      scopes.emplace(row.scope);
    }
  }
  return scopes;
}

}  // namespace apim::model
