// Permission: who may use a verb. There is no default: a route or a verb that does not say does not
// compile.
//
// Scopes are WSO2's (reference 6.3), without their prefix "apim:". One of them is enough.

#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "model/problem.h"
#include "model/user.h"

namespace apim::service {

class Permission {
 public:
  Permission() = delete;

  template <class... Scopes>
  static consteval Permission any_of(Scopes... scopes) {
    static_assert(sizeof...(scopes) > 0);
    static_assert(sizeof...(scopes) <= kScopesMax);
    return Permission(false, {std::string_view(scopes)...}, sizeof...(scopes));
  }
  // Without a login. Never for anything that changes something.
  static consteval Permission anybody() { return Permission(true, {}, 0); }
  // Any user that logged in, whatever its roles: for what concerns only itself.
  static consteval Permission any_user() { return Permission(false, {}, 0); }

  constexpr bool needs_login() const { return !anybody_; }
  bool allows(const model::Caller& caller) const;
  // "apim:api_view, apim:api_manage"
  std::string to_text() const;

 private:
  static constexpr size_t kScopesMax = 8;
  constexpr Permission(bool anybody, std::array<std::string_view, kScopesMax> scopes, size_t count)
      : anybody_(anybody), scopes_(scopes), count_(count) {}

  bool anybody_;
  std::array<std::string_view, kScopesMax> scopes_;
  size_t count_;
};

// 403 that names what would be enough.
model::Result<void> permit(const model::Caller& caller, const Permission& permission);

namespace permissions {

inline constexpr auto kAnybody = Permission::anybody();
inline constexpr auto kAnyUser = Permission::any_user();

inline constexpr auto kApiList =
    Permission::any_of("api_view", "api_manage", "api_import_export", "api_list_view");
inline constexpr auto kApiView =
    Permission::any_of("api_view", "api_manage", "api_import_export", "api_product_import_export");
inline constexpr auto kApiCreate = Permission::any_of("api_create", "api_manage");
inline constexpr auto kApiUpdate = Permission::any_of("api_create", "api_manage", "api_publish");
inline constexpr auto kApiDelete =
    Permission::any_of("api_delete", "api_manage", "api_import_export");
inline constexpr auto kApiImport = Permission::any_of("api_import_export", "admin");
inline constexpr auto kApiExport =
    Permission::any_of("api_view", "api_manage", "api_import_export", "api_publish", "api_create");
inline constexpr auto kDefinitionView =
    Permission::any_of("api_view", "api_manage", "api_definition_view");
inline constexpr auto kLifecycleView =
    Permission::any_of("api_view", "api_publish", "api_create", "api_manage");
inline constexpr auto kLifecycleChange =
    Permission::any_of("api_publish", "api_manage", "api_import_export");
inline constexpr auto kRevisionView =
    Permission::any_of("api_view", "api_create", "api_manage", "api_publish", "api_import_export");
inline constexpr auto kRevisionChange =
    Permission::any_of("api_create", "api_manage", "api_publish", "api_import_export");
inline constexpr auto kDeploy = Permission::any_of("api_create", "api_manage", "api_publish");
inline constexpr auto kUndeploy =
    Permission::any_of("api_create", "api_manage", "api_publish", "api_import_export");
inline constexpr auto kSubscriptionView =
    Permission::any_of("api_view", "subscription_view", "subscription_manage");
inline constexpr auto kSubscriptionBlock =
    Permission::any_of("subscription_block", "subscription_manage");
inline constexpr auto kPublisherTiers = Permission::any_of("api_view", "tier_view", "tier_manage");

inline constexpr auto kApplications =
    Permission::any_of("subscribe", "app_manage", "app_import_export");
inline constexpr auto kApplicationChange = Permission::any_of("subscribe", "app_manage");
inline constexpr auto kSubscribe = Permission::any_of("subscribe", "sub_manage");
inline constexpr auto kApiKeys = Permission::any_of("subscribe", "app_manage", "api_key");

inline constexpr auto kTierView =
    Permission::any_of("admin", "tier_view", "admin_tier_view", "policies_import_export");
inline constexpr auto kTierManage = Permission::any_of("admin", "tier_manage", "admin_tier_manage");
inline constexpr auto kDenyView = Permission::any_of("admin", "bl_view");
inline constexpr auto kDenyManage = Permission::any_of("admin", "bl_manage");
inline constexpr auto kEnvironmentView = Permission::any_of("admin", "environment_read");
inline constexpr auto kEnvironmentManage = Permission::any_of("admin", "environment_manage");

inline constexpr auto kGatewayView =
    Permission::any_of("api_view", "api_create", "api_publish", "api_manage", "api_import_export",
                       "environment_read", "admin");
inline constexpr auto kSnapshotView = Permission::any_of("admin", "environment_read");
inline constexpr auto kUserManage = Permission::any_of("admin");

}  // namespace permissions
}  // namespace apim::service
