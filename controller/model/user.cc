#include "model/user.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace apim::model {
namespace {

// One letter a role: C creator, P publisher, S subscriber, D devops, O observer, A analytics,
// I integration_dev. No letter: admin only.
struct Row {
  std::string_view scope;
  std::string_view roles;
};

constexpr std::array kRows{
    // Publisher
    Row{"apim:api_create", "C"},
    Row{"apim:api_delete", "C"},
    Row{"apim:api_publish", "P"},
    Row{"apim:api_view", "CPOA"},
    Row{"apim:api_list_view", "I"},
    Row{"apim:api_definition_view", "I"},
    Row{"apim:api_manage", ""},
    Row{"apim:api_generate_key", "CP"},
    Row{"apim:api_mediation_policy_manage", "C"},
    Row{"apim:mediation_policy_view", "CO"},
    Row{"apim:mediation_policy_create", "C"},
    Row{"apim:mediation_policy_manage", "C"},
    Row{"apim:common_operation_policy_view", "CPO"},
    Row{"apim:common_operation_policy_manage", "C"},
    Row{"apim:gateway_policy_view", "CPO"},
    Row{"apim:gateway_policy_manage", "C"},
    Row{"apim:threat_protection_policy_create", "C"},
    Row{"apim:threat_protection_policy_manage", "C"},
    Row{"apim:ep_certificates_view", "CO"},
    Row{"apim:ep_certificates_add", "C"},
    Row{"apim:ep_certificates_update", "C"},
    Row{"apim:ep_certificates_manage", "C"},
    Row{"apim:client_certificates_view", "CO"},
    Row{"apim:client_certificates_add", "C"},
    Row{"apim:client_certificates_update", "C"},
    Row{"apim:client_certificates_manage", "C"},
    Row{"apim:document_create", "CP"},
    Row{"apim:document_manage", "CP"},
    Row{"apim:comment_view", "CPO"},
    Row{"apim:comment_write", "CP"},
    Row{"apim:comment_manage", "CP"},
    Row{"apim:tier_view", "CPO"},
    Row{"apim:tier_manage", ""},
    Row{"apim:subscription_view", "CPO"},
    Row{"apim:subscription_block", "P"},
    Row{"apim:subscription_manage", "P"},
    Row{"apim:subscription_approval_view", "P"},
    Row{"apim:subscription_approval_manage", "P"},
    Row{"apim:monetization_usage_publish", "P"},
    Row{"apim:publisher_settings", "CPO"},
    Row{"apim:publisher_organization_read", "CP"},
    Row{"apim:pub_alert_manage", "CP"},
    Row{"apim:shared_scope_manage", ""},
    Row{"apim:llm_provider_read", "CP"},
    Row{"service_catalog:service_view", "CP"},
    Row{"service_catalog:service_write", "C"},
    Row{"apim:api_import_export", "D"},
    Row{"apim:api_product_import_export", "D"},
    // Developer portal
    Row{"apim:subscribe", "SD"},
    Row{"apim:app_manage", "SD"},
    Row{"apim:app_update", "S"},
    Row{"apim:sub_manage", "SD"},
    Row{"apim:store_settings", "S"},
    Row{"apim:api_key", "S"},
    Row{"apim:sub_alert_manage", "S"},
    Row{"apim:app_import_export", "D"},
    // Admin
    Row{"apim:admin", ""},
    Row{"apim:admin_operations", ""},
    Row{"apim:admin_settings", ""},
    Row{"apim:admin_tier_view", ""},
    Row{"apim:admin_tier_manage", ""},
    Row{"apim:admin_application_view", ""},
    Row{"apim:admin_alert_manage", ""},
    Row{"apim:api_category", ""},
    Row{"apim:api_provider_change", ""},
    Row{"apim:api_workflow_view", ""},
    Row{"apim:api_workflow_approve", ""},
    Row{"apim:app_owner_change", ""},
    Row{"apim:app_settings_change", ""},
    Row{"apim:bl_view", ""},
    Row{"apim:bl_manage", ""},
    Row{"apim:bot_data", ""},
    Row{"apim:environment_read", ""},
    Row{"apim:environment_manage", ""},
    Row{"apim:keymanagers_manage", ""},
    Row{"apim:llm_provider_manage", ""},
    Row{"apim:organization_read", ""},
    Row{"apim:organization_manage", ""},
    Row{"apim:policies_import_export", "D"},
    Row{"apim:role_manage", ""},
    Row{"apim:scope_manage", ""},
    Row{"apim:tenantInfo", ""},
    Row{"apim:tenant_theme_manage", ""},
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
  for (const Row& row : kRows) {
    if (is_admin || row.roles.find_first_of(letters) != std::string_view::npos) {
      scopes.emplace(row.scope);
    }
  }
  return scopes;
}

}  // namespace apim::model
