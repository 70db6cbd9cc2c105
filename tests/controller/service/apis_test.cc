// What publishers are promised about working copies.

#include "service/apis.h"

#include <gtest/gtest.h>

#include "controller/service/support_office.h"
#include "service/subscriptions.h"

namespace apim::service {
namespace {

using testing::admin;
using testing::must;
using testing::Office;
using testing::pizza;

TEST(Apis, ACreatedApiIsReadBackInStateCreated) {
  Office office;
  auto document = pizza();
  document["lifeCycleStatus"] = "PUBLISHED";
  const auto created = must(apis::create(office.context(), admin(), document));
  const auto api = must(apis::get(office.context(), admin(), created.value.uuid));
  EXPECT_EQ(api.name, "pizza");
  EXPECT_EQ(api.context, "/pizza/1.0.0");
  EXPECT_EQ(api.provider, "admin");
  EXPECT_EQ(api.lifecycle, model::Lifecycle::Created);
}

TEST(Apis, TheSameNameAndVersionIs409WithWso2sCode) {
  Office office;
  testing::make_api(office);
  auto again = pizza();
  again["context"] = "/other";
  const auto refused = apis::create(office.context(), admin(), again);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 409);
  EXPECT_EQ(refused.error().code, 900250);
}

TEST(Apis, ATakenContextIs409) {
  Office office;
  testing::make_api(office);
  auto other = pizza();
  other["name"] = "calzone";
  const auto refused = apis::create(office.context(), admin(), other);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 409);
}

TEST(Apis, EveryUnknownPolicyIsNamedAtOnce) {
  Office office;
  auto document = pizza();
  document["policies"] = {"Gold", "Platinum"};
  document["operations"][0]["throttlingPolicy"] = "NoSuchLimit";
  const auto refused = apis::create(office.context(), admin(), document);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 400);
  EXPECT_NE(refused.error().description.find("Platinum"), std::string::npos);
  EXPECT_NE(refused.error().description.find("NoSuchLimit"), std::string::npos);
}

TEST(Apis, MetadataEndpointsAreRefusedUnlessAllowed) {
  Office office;
  auto document = pizza();
  document["endpointConfig"]["production_endpoints"]["url"] = "http://169.254.169.254/latest";
  const auto refused = apis::create(office.context(), admin(), document);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 400);
  office.context().allow_metadata = true;
  EXPECT_TRUE(apis::create(office.context(), admin(), document).has_value());
}

TEST(Apis, AnUpdateKeepsIdentityStateAndProvider) {
  Office office;
  const std::string uuid = testing::make_published_api(office);
  auto document = pizza();
  document["description"] = "thin";
  document["provider"] = "somebody";
  const auto updated = must(apis::update(office.context(), admin(), uuid, document));
  EXPECT_EQ(updated.value.description, "thin");
  EXPECT_EQ(updated.value.provider, "admin");
  EXPECT_EQ(updated.value.lifecycle, model::Lifecycle::Published);
  document["context"] = "/elsewhere";
  EXPECT_EQ(apis::update(office.context(), admin(), uuid, document).error().http_status, 400);
}

TEST(Apis, OnlyOneVersionAnswersWithoutAVersion) {
  Office office;
  auto document = pizza();
  document["isDefaultVersion"] = true;
  const std::string first = testing::make_api(office, document);
  document["version"] = "2.0.0";
  const std::string second = testing::make_api(office, document);
  EXPECT_FALSE(must(apis::get(office.context(), admin(), first)).is_default_version);
  EXPECT_TRUE(must(apis::get(office.context(), admin(), second)).is_default_version);
}

TEST(Apis, AnApiWithSubscriptionsIsNotDeleted) {
  Office office;
  const std::string api = testing::make_published_api(office);
  const std::string application = testing::make_application(office, admin(), "shop");
  must(subscriptions::create(office.context(), admin(), {{application, api, "Gold"}}));
  const auto refused = apis::remove(office.context(), admin(), api);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 409);
  EXPECT_TRUE(apis::get(office.context(), admin(), api).has_value());
}

TEST(Apis, ADeletedApiIsGoneAndAudited) {
  Office office;
  const std::string uuid = testing::make_api(office);
  must(apis::remove(office.context(), admin(), uuid));
  EXPECT_EQ(apis::get(office.context(), admin(), uuid).error().code, 900308);
  EXPECT_EQ(office.audited(), (std::vector<std::string>{"api.create", "api.delete"}));
}

TEST(Apis, ThePortalSeesOnlyWhatIsPublished) {
  Office office;
  const std::string uuid = testing::make_api(office);
  const model::Caller nobody;
  EXPECT_EQ(apis::get_published(office.context(), nobody, uuid).error().http_status, 404);
  EXPECT_EQ(must(apis::list_published(office.context(), nobody, {})).total, 0U);
}

TEST(Apis, ADefinitionBringsItsOperationsAndKeepsDecisions) {
  Office office;
  auto document = pizza();
  document["operations"][0]["authType"] = "None";
  const std::string uuid = testing::make_api(office, document);
  const std::string definition =
      R"({"openapi": "3.0.1", "info": {"title": "pizza", "version": "1.0.0"},
    "paths": {"/menu": {"get": {"responses": {"200": {"description": "ok"}}}},
              "/order": {"post": {"responses": {"201": {"description": "ok"}}}}}})";
  const auto defined = must(apis::define(office.context(), admin(), uuid, definition));
  ASSERT_EQ(defined.value.operations.size(), 2U);
  EXPECT_EQ(defined.value.operations[0].auth, model::AuthType::None);
  EXPECT_EQ(defined.value.operations[1].target, "/order");
}

TEST(Apis, EveryVerbAsksForItsScope) {
  Office office;
  const std::string uuid = testing::make_api(office);
  const auto subscriber = testing::with_roles("sue", {"Internal/subscriber"});
  EXPECT_EQ(apis::list(office.context(), subscriber, {}).error().http_status, 403);
  EXPECT_EQ(apis::get(office.context(), subscriber, uuid).error().http_status, 403);
  EXPECT_EQ(apis::create(office.context(), subscriber, pizza()).error().http_status, 403);
  EXPECT_EQ(apis::update(office.context(), subscriber, uuid, pizza()).error().http_status, 403);
  EXPECT_EQ(apis::remove(office.context(), subscriber, uuid).error().http_status, 403);
}

}  // namespace
}  // namespace apim::service
