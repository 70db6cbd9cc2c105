// Variables and params: what is replaced, and by whose words faults are told.

#include "import/params.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

constexpr const char* kParams = R"(environments:
  - name: dev
    configs:
      endpoints:
        production: { url: "http://${HOST}/tea" }
      deploymentEnvironments: [ { deploymentEnvironment: Dev } ]
  - name: prod
    configs:
      policies: [ Gold ]
)";

TEST(Params, VariablesAreReplacedWhereTheyStand) {
  const Variables variables = {{"A", "1"}, {"B_2", "x y"}};
  EXPECT_EQ(
      substitute("a: ${A}${B_2}\n# ${UNSET}\nb: ${uri.var.x} $A ${} ${-}", "f", variables).value(),
      "a: 1x y\n# ${UNSET}\nb: ${uri.var.x} $A ${} ${-}");
  EXPECT_EQ(substitute("", "f", variables).value(), "");
  EXPECT_EQ(substitute("${A", "f", variables).value(), "${A");
}

TEST(Params, EveryUnsetVariableIsNamedWithItsLine) {
  const auto result = substitute("a: ${ONE}\nb: ${TWO}\n", "api.yaml", {{"TWO", "a\nb: c"}});
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(told(result.error()),
              testing::HasSubstr("api.yaml:1: the variable ${ONE} is not set"));
  EXPECT_THAT(told(result.error()),
              testing::HasSubstr("api.yaml:2: the value of ${TWO} has a line break"));
}

TEST(Params, TheChosenEnvironmentTravelsAndTheOthersStay) {
  Files files = tea_project();
  files["api_params.yaml"] = kParams;
  const auto prepared =
      prepare_project(files, {.environment = "dev", .variables = {{"HOST", "10.0.0.1"}}});
  ASSERT_TRUE(prepared.has_value()) << told(prepared.error());
  EXPECT_FALSE(prepared->contains("api_params.yaml"));
  EXPECT_THAT(prepared->at("intermediate_params.yaml"), testing::Not(testing::HasSubstr("Gold")));
  const auto project = read_project(*prepared);
  ASSERT_TRUE(project.has_value()) << told(project.error());
  EXPECT_EQ(project->api.production->endpoints[0].url, "http://10.0.0.1/tea");
  EXPECT_EQ(project->deployments, (std::vector<DeploymentTarget>{{"Dev", "", true}}));
}

TEST(Params, AFileOfTheCallersWinsOverTheProjects) {
  Files files = tea_project();
  files["api_params.yaml"] = "environments: [ { name: dev, configs: { policies: [ Silver ] } } ]\n";
  const auto prepared = prepare_project(files, {.params_file = "my/params.yaml",
                                                .params_text = kParams,
                                                .environment = "prod",
                                                .variables = {{"HOST", "h"}}});
  ASSERT_TRUE(prepared.has_value()) << told(prepared.error());
  EXPECT_EQ(read_project(*prepared)->api.policies, std::vector<std::string>{"Gold"});
}

TEST(Params, FaultsAreToldInTheCallersOwnFile) {
  const std::string params = with(kParams, "http://${HOST}/tea", "nonsense");
  const auto prepared = prepare_project(
      tea_project(),
      {.params_file = "my/params.yaml", .params_text = params, .environment = "dev"});
  ASSERT_FALSE(prepared.has_value());
  EXPECT_THAT(told(prepared.error()),
              testing::HasSubstr(
                  "my/params.yaml:5: data.endpointConfig.production_endpoints.url 'nonsense'"));
}

TEST(Params, AnEnvironmentHasToBeThere) {
  const auto refused = [](const std::string& environment) {
    Files files = tea_project();
    files["api_params.yaml"] = kParams;
    return told(
        prepare_project(files, {.environment = environment, .variables = {{"HOST", "h"}}}).error());
  };
  EXPECT_THAT(refused("test"), testing::HasSubstr("has no environment 'test'; it has dev or prod"));
  EXPECT_THAT(refused(""), testing::HasSubstr("say which: dev or prod"));
  EXPECT_THAT(told(prepare_project(tea_project(), {.environment = "dev"}).error()),
              testing::HasSubstr("there are no params"));
  EXPECT_EQ(environments_of(kParams, "p").value(), (std::vector<std::string>{"dev", "prod"}));
}

TEST(Params, TargetsOfTheCallerWinOverAll) {
  Files files = tea_project();
  files["deployment_environments.json"] = "[]";
  files["intermediate_params.yaml"] =
      "policies: [ Gold ]\ndeploymentEnvironments: [ { deploymentEnvironment: Dev } ]\n";
  const auto changed = with_targets(files, {{"Europe", "eu.example", false}});
  ASSERT_TRUE(changed.has_value());
  const auto project = read_project(*changed);
  ASSERT_TRUE(project.has_value()) << told(project.error());
  EXPECT_EQ(project->deployments, (std::vector<DeploymentTarget>{{"Europe", "eu.example", false}}));
  EXPECT_EQ(project->api.policies, std::vector<std::string>{"Gold"});
  EXPECT_TRUE(read_project(*with_targets(files, {}))->deployments.empty());
}

}  // namespace
}  // namespace apim::import
