// Which role gives which scopes.

#include "model/user.h"

#include <gtest/gtest.h>

namespace apim::model {
namespace {

bool gives(const std::string& role, const std::string& scope) {
  return scopes_of({role}).contains(scope);
}

TEST(Scopes, NobodyMayDoNothing) {
  EXPECT_TRUE(scopes_of({}).empty());
  EXPECT_TRUE(scopes_of({"Internal/everyone"}).empty());
  EXPECT_TRUE(scopes_of({"wizard", "Admin", "internal/creator"}).empty());
}

TEST(Scopes, AdminMayDoEverything) {
  const auto all = scopes_of({"admin"});
  for (const char* role :
       {"Internal/creator", "Internal/publisher", "Internal/subscriber", "Internal/devops",
        "Internal/observer", "Internal/analytics", "Internal/integration_dev"}) {
    for (const std::string& scope : scopes_of({role})) EXPECT_TRUE(all.contains(scope)) << scope;
  }
  for (const char* scope : {"apim:admin", "apim:api_manage", "apim:bl_manage", "apim:tier_manage",
                            "apim:environment_manage", "apim:api_import_export"}) {
    EXPECT_TRUE(all.contains(scope)) << scope;
  }
}

TEST(Scopes, RolesGiveWhatTheirNamesSay) {
  EXPECT_TRUE(gives("Internal/creator", "apim:api_create"));
  EXPECT_FALSE(gives("Internal/creator", "apim:api_publish"));
  EXPECT_TRUE(gives("Internal/publisher", "apim:api_publish"));
  EXPECT_TRUE(gives("Internal/publisher", "apim:subscription_block"));
  EXPECT_FALSE(gives("Internal/publisher", "apim:api_create"));
  EXPECT_TRUE(gives("Internal/subscriber", "apim:subscribe"));
  EXPECT_TRUE(gives("Internal/subscriber", "apim:api_key"));
  EXPECT_FALSE(gives("Internal/subscriber", "apim:api_view"));
  EXPECT_TRUE(gives("Internal/devops", "apim:api_import_export"));
  EXPECT_TRUE(gives("Internal/integration_dev", "apim:api_list_view"));
  EXPECT_FALSE(gives("Internal/integration_dev", "apim:api_view"));
}

TEST(Scopes, AnObserverOnlyLooks) {
  for (const std::string& scope : scopes_of({"Internal/observer"})) {
    EXPECT_TRUE(scope.ends_with("_view") || scope.ends_with("_settings")) << scope;
  }
}

TEST(Scopes, RolesAddUp) {
  const auto both = scopes_of({"Internal/creator", "Internal/publisher"});
  EXPECT_TRUE(both.contains("apim:api_create"));
  EXPECT_TRUE(both.contains("apim:api_publish"));
  EXPECT_FALSE(both.contains("apim:admin"));
}

TEST(Caller, MayWhatItsScopesSay) {
  Caller caller;
  caller.scopes = {"apim:api_view"};
  EXPECT_TRUE(caller.may("apim:api_view"));
  EXPECT_FALSE(caller.may("apim:api_create"));
}

}  // namespace
}  // namespace apim::model
