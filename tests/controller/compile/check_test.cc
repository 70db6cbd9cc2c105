#include "compile/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"

namespace apim::compile {
namespace {

using support::findings_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CheckApi, AGoodApiHasNoFindings) { EXPECT_THAT(findings_of(support::pizza()), IsEmpty()); }

struct Wrong {
  void (*spoil)(model::DeployedApi& deployed);
  const char* finding;
};

class CheckApiFinds : public testing::TestWithParam<Wrong> {};

TEST_P(CheckApiFinds, AndTheCompilerQuarantinesNothingElse) {
  model::DeployedApi deployed = support::pizza();
  GetParam().spoil(deployed);
  EXPECT_THAT(findings_of(deployed), ElementsAre(GetParam().finding));
}

INSTANTIATE_TEST_SUITE_P(
    Apis, CheckApiFinds,
    testing::Values(
        Wrong{[](model::DeployedApi& d) { d.api.type = "GRAPHQL"; },
              "type: 'GRAPHQL' APIs are not served yet; only HTTP"},
        Wrong{[](model::DeployedApi& d) { d.api.advertise_only = true; },
              "advertiseInfo: the API is advertised only; such APIs are not deployed"},
        Wrong{[](model::DeployedApi& d) { d.api.lifecycle = model::Lifecycle::Retired; },
              "lifeCycleStatus: the API is retired"},
        Wrong{[](model::DeployedApi& d) { d.api.http = d.api.https = false; },
              "transport: names neither http nor https"},
        Wrong{[](model::DeployedApi& d) { d.api.operations.clear(); },
              "operations: there are none"},
        Wrong{[](model::DeployedApi& d) { d.api.production.reset(); },
              "endpointConfig: has neither production nor sandbox endpoints; name at least one"},
        Wrong{[](model::DeployedApi& d) { d.api.production->endpoints.clear(); },
              "endpointConfig.production_endpoints: there is none in the list"},
        Wrong{[](model::DeployedApi& d) { d.api.authorization_header = "X Auth"; },
              "authorizationHeader: 'X Auth' is not the name of a header"},
        Wrong{[](model::DeployedApi& d) { d.api.api_key_header = "Host"; },
              "apiKeyHeader: 'Host' cannot carry a credential"},
        Wrong{[](model::DeployedApi& d) { d.api.throttling_policy = "Gone"; },
              "apiThrottlingPolicy: the advanced policy 'Gone' does not exist"},
        Wrong{[](model::DeployedApi& d) { d.api.operations[0].throttling_policy = "Gone"; },
              "operations[0] (GET /menu): the advanced policy 'Gone' does not exist"},
        Wrong{[](model::DeployedApi& d) {
                d.api.policies = {"Gold", "Gone"};
              },
              "policies: the subscription policy 'Gone' does not exist"},
        Wrong{[](model::DeployedApi& d) {
                d.api.production_max_tps = {.kind = model::QuotaKind::AiTokens, .count = 1};
              },
              "maxTps.production: it counts AI tokens; gateways only enforce limits that count "
              "requests so far"},
        Wrong{[](model::DeployedApi& d) {
                d.api.cors = model::Cors{.origins = {"http://a b"}, .methods = {}, .headers = {}};
              },
              "corsConfiguration: 'http://a b' is empty or has blanks or control bytes"},
        Wrong{[](model::DeployedApi& d) { d.vhosts = {"other.example.com"}; },
              "vhost: 'other.example.com' is not a vhost of the environment; it has localhost"},
        Wrong{[](model::DeployedApi& d) { d.api.id = 0; }, "id: the API is not stored yet"},
        Wrong{[](model::DeployedApi& d) {
                d.api.operations.resize(10'001, support::operation(model::Verb::Get, "/x"));
              },
              "operations: there are more than 10000"}));

TEST(CheckApi, EveryFindingIsNamedAtOnce) {
  model::DeployedApi deployed = support::pizza();
  deployed.api.type = "WS";
  deployed.api.operations[0].target = "/{a";
  deployed.api.production->endpoints[0].url = "http://169.254.169.254/";
  EXPECT_THAT(findings_of(deployed),
              ElementsAre(HasSubstr("type:"), HasSubstr("has a '{' without '}'"),
                          HasSubstr("egress.allow_metadata")));
}

TEST(CheckApi, AContextOfAnotherApiIsTaken) {
  model::Catalog catalog = support::empty_catalog();
  catalog.apis[1] = support::pizza(1);
  catalog.apis[1].api.is_default_version = true;
  const auto check = [&](const model::DeployedApi& deployed) {
    return support::lines_of(check_api(deployed, {.policies = &catalog.policies,
                                                  .vhosts = {"localhost"},
                                                  .taken = contexts_of(catalog),
                                                  .options = {}}));
  };
  EXPECT_THAT(check(catalog.apis[1]), IsEmpty());
  model::DeployedApi other = support::pizza(2);
  EXPECT_THAT(check(other), IsEmpty());
  other.api.context = "/pizza";
  EXPECT_THAT(check(other),
              ElementsAre("context: '/pizza' on vhost 'localhost' is already taken by API 'pizza "
                          "1.0.0'"));
}

}  // namespace
}  // namespace apim::compile
