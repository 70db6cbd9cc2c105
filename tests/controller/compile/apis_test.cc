#include "compile/apis.h"

#include <flatbuffers/flatbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using testing::ElementsAre;

// An API written and read back; the bytes live as long as this.
class Written {
 public:
  explicit Written(const model::DeployedApi& deployed) {
    const auto lowered =
        lower_api(deployed, PolicyIndex(support::empty_catalog().policies), Options{});
    if (lowered.has_value()) payload_ = build_apis({*lowered});
  }
  const fbs::Api& api() const { return *fbs::GetApis(payload_.data())->apis()->Get(0); }

 private:
  std::string payload_;
};

TEST(Apis, EverySchemeAndTransportHasItsBit) {
  model::DeployedApi deployed = support::pizza();
  deployed.api.security = {.oauth2 = true,
                           .api_key = true,
                           .basic = true,
                           .mutual_tls = true,
                           .application_mandatory = false,
                           .mutual_tls_mandatory = true};
  deployed.api.http = false;
  const Written written(deployed);
  EXPECT_EQ(written.api().schemes(), fbs::Scheme::ANY);
  EXPECT_EQ(written.api().transports(), fbs::Transport::Https);
  EXPECT_FALSE(written.api().application_security_mandatory());
  EXPECT_TRUE(written.api().mutual_tls_mandatory());
  EXPECT_TRUE(written.api().validates_subscription());
}

TEST(Apis, HeadersAreLowerCaseAndAddedToCors) {
  model::DeployedApi deployed = support::pizza();
  deployed.api.authorization_header = "X-Auth";
  deployed.api.api_key_header = "X-KEY";
  deployed.api.cors = model::Cors{.origins = {"*"}, .methods = {"GET"}, .headers = {"x-key"}};
  const Written written(deployed);
  EXPECT_EQ(written.api().authorization_header()->str(), "x-auth");
  EXPECT_EQ(written.api().api_key_header()->str(), "x-key");
  std::vector<std::string> headers;
  for (const auto* header : *written.api().cors()->headers()) headers.push_back(header->str());
  EXPECT_THAT(headers, ElementsAre("x-key", "X-Auth"));
}

TEST(Apis, TiersAreNumbersOfPolicies) {
  model::DeployedApi deployed = support::pizza();
  deployed.api.throttling_policy = "20KPerMin";
  deployed.api.operations[0].throttling_policy = "10KPerMin";
  const model::Catalog catalog = support::empty_catalog();
  const Written written(deployed);
  EXPECT_EQ(written.api().tier(),
            support::policy_id(catalog, model::PolicyLevel::Advanced, "20KPerMin"));
  EXPECT_EQ(written.api().operations()->Get(0)->tier(),
            support::policy_id(catalog, model::PolicyLevel::Advanced, "10KPerMin"));
}

TEST(Apis, TheDenyHashIsThatOfTheContext) {
  const Written written(support::pizza());
  EXPECT_EQ(written.api().deny_hash(), layout::hash_bytes("/pizza/1.0.0"));
}

TEST(Apis, WhatIsNotThereIsAbsent) {
  const Written written(support::pizza());
  EXPECT_EQ(written.api().sandbox(), nullptr);
  EXPECT_EQ(written.api().cors(), nullptr);
  EXPECT_EQ(written.api().backend_limit_production()->count(), 0U);
  EXPECT_EQ(written.api().operations()->Get(0)->request(), nullptr);
}

}  // namespace
}  // namespace apim::compile
