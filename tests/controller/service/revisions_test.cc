// What is promised about revisions and deployments.

#include "service/revisions.h"

#include <gtest/gtest.h>

#include "controller/service/support_office.h"
#include "service/apis.h"
#include "service/lifecycle.h"

namespace apim::service {
namespace {

using testing::admin;
using testing::must;
using testing::Office;
using testing::pizza;

model::Deployment on(const std::string& environment, const std::string& vhost = "") {
  model::Deployment target;
  target.environment = environment;
  target.vhost = vhost;
  return target;
}

std::string take(Office& office, const std::string& api) {
  return must(revisions::create(office.context(), admin(), api, "")).value.revision.uuid;
}

TEST(Revisions, TheSixthIsRefusedWithWso2sCode) {
  Office office;
  const std::string api = testing::make_api(office);
  for (int i = 0; i < 5; ++i) take(office, api);
  const auto refused = revisions::create(office.context(), admin(), api, "");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, 900351);
  EXPECT_EQ(refused.error().http_status, 400);
}

TEST(Revisions, ANumberIsNeverUsedAgain) {
  Office office;
  const std::string api = testing::make_api(office);
  const std::string first = take(office, api);
  must(revisions::remove(office.context(), admin(), api, first));
  EXPECT_EQ(must(revisions::create(office.context(), admin(), api, "")).value.revision.number, 2U);
}

TEST(Revisions, ADeploymentIsSeenUntilUndeployed) {
  Office office;
  const std::string api = testing::make_api(office);
  const std::string revision = take(office, api);
  const uint64_t before = office.newest_epoch();
  const auto placed =
      must(revisions::deploy(office.context(), admin(), api, revision, {on("Default")}));
  ASSERT_EQ(placed.value.size(), 1U);
  EXPECT_EQ(placed.value[0].vhost, "localhost");
  EXPECT_GT(placed.epoch, before);
  EXPECT_EQ(must(revisions::deployments(office.context(), admin(), api)).size(), 1U);
  EXPECT_EQ(revisions::remove(office.context(), admin(), api, revision).error().code, 900348);
  must(revisions::undeploy(
      office.context(), admin(), api,
      {.revision_uuid = revision, .number = {}, .everywhere = true, .places = {}}));
  EXPECT_TRUE(must(revisions::deployments(office.context(), admin(), api)).empty());
}

TEST(Revisions, AnUnknownEnvironmentAndVhostAreNamed) {
  Office office;
  const std::string api = testing::make_api(office);
  const std::string revision = take(office, api);
  const auto nowhere = revisions::deploy(office.context(), admin(), api, revision, {on("Mars")});
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, 900506);
  EXPECT_EQ(nowhere.error().http_status, 404);
  const auto no_host =
      revisions::deploy(office.context(), admin(), api, revision, {on("Default", "mars")});
  ASSERT_FALSE(no_host.has_value());
  EXPECT_EQ(no_host.error().http_status, 400);
  EXPECT_TRUE(must(revisions::deployments(office.context(), admin(), api)).empty());
}

TEST(Revisions, WhatNoGatewayCouldServeIsRefusedWithFindings) {
  Office office;
  auto document = pizza();
  document["operations"][0]["operationPolicies"]["request"] = {
      {{"policyName", "noSuchPolicy"},
       {"policyVersion", "v1"},
       {"policyType", "common"},
       {"parameters", nlohmann::json::object()}}};
  const auto created = apis::create(office.context(), admin(), document);
  if (!created.has_value()) {
    EXPECT_NE(created.error().description.find("noSuchPolicy"), std::string::npos);
    return;
  }
  const std::string api = created->value.uuid;
  const std::string revision = take(office, api);
  const auto refused = revisions::deploy(office.context(), admin(), api, revision, {on("Default")});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 400);
  EXPECT_NE(refused.error().description.find("noSuchPolicy"), std::string::npos);
  EXPECT_TRUE(must(revisions::deployments(office.context(), admin(), api)).empty());
}

TEST(Revisions, ARevisionKeepsTheApiAsItWas) {
  Office office;
  const std::string api = testing::make_api(office);
  const std::string revision = take(office, api);
  auto document = pizza();
  document["description"] = "changed later";
  must(apis::update(office.context(), admin(), api, document));
  const auto kept = must(revisions::get(office.context(), admin(), api, revision));
  EXPECT_EQ(kept.revision.document.find("changed later"), std::string::npos);
}

TEST(Revisions, ARetiredApiIsNotDeployed) {
  Office office;
  const std::string api = testing::make_published_api(office);
  const std::string revision = take(office, api);
  for (const char* event : {"Deprecate", "Retire"})
    must(lifecycle::change_state(office.context(), admin(), api, {event, false}));
  EXPECT_EQ(revisions::deploy(office.context(), admin(), api, revision, {on("Default")})
                .error()
                .http_status,
            400);
}

TEST(Revisions, TheNewDefaultVersionTakesOver) {
  Office office;
  auto document = pizza();
  document["isDefaultVersion"] = true;
  const std::string first = testing::make_api(office, document);
  must(revisions::deploy(office.context(), admin(), first, take(office, first), {on("Default")}));
  document["version"] = "2.0.0";
  const std::string second = testing::make_api(office, document);
  EXPECT_TRUE(
      revisions::deploy(office.context(), admin(), second, take(office, second), {on("Default")})
          .has_value());
}

TEST(Revisions, UndeployingByNumberLeavesOtherRevisions) {
  Office office;
  const std::string api = testing::make_api(office);
  take(office, api);
  const std::string second = take(office, api);
  must(revisions::deploy(office.context(), admin(), api, second, {on("Default")}));
  must(revisions::undeploy(office.context(), admin(), api,
                           {.revision_uuid = "", .number = 1, .everywhere = true, .places = {}}));
  EXPECT_EQ(must(revisions::deployments(office.context(), admin(), api)).size(), 1U);
}

}  // namespace
}  // namespace apim::service
