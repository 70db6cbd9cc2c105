// One environment's configs over an API document.

#include "import/configs.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

using PlainJson = nlohmann::json;

struct Applied {
  PlainJson data;
  Gather gather;
  std::optional<std::vector<DeploymentTarget>> targets;
};

Applied apply(const std::string& text) {
  const Configs configs{.tree = read_tree(text, "p.yaml").value(), .root = ""};
  const Tree api = read_tree("data: {}", "api.yaml").value();
  TreeLocator locator(api, "/data");
  Applied applied;
  applied.data = {{"policies", {"Bronze"}},
                  {"endpointConfig",
                   {{"endpoint_type", "failover"},
                    {"production_endpoints", {{"url", "http://old"}}},
                    {"production_failovers", {{{"url", "http://older"}}}},
                    {"endpoint_security", {{"sandbox", {{"enabled", true}}}}}}}};
  applied.targets = apply_configs(configs, applied.data, locator, applied.gather);
  return applied;
}

TEST(Configs, ReplaceTheAddressesAndNotTheCredentials) {
  const Applied applied = apply(
      "endpoints: { production: { url: 'http://new', config: { factor: 3 } }, sandbox: { url: "
      "'http://s' } }\n"
      "security: { production: { enabled: true, type: basic, username: a, password: b } }\n");
  EXPECT_TRUE(applied.gather.findings.empty());
  EXPECT_EQ(applied.data["endpointConfig"], PlainJson::parse(
                                                R"({"endpoint_type": "http",
              "production_endpoints": {"url": "http://new", "config": {"factor": 3}},
              "sandbox_endpoints": {"url": "http://s"},
              "endpoint_security": {
                "sandbox": {"enabled": true},
                "production": {
                  "enabled": true, "type": "BASIC", "username": "a", "password": "b"}}})"));
}

TEST(Configs, RoutingPoliciesTakeTheirOwnLists) {
  const Applied balanced = apply(
      "endpointRoutingPolicy: load_balanced\nloadBalanceEndpoints: { production: [ { url: "
      "'http://a' }, { url: 'http://b' } ], sessionManagement: transport }\n");
  EXPECT_EQ(balanced.data["endpointConfig"]["endpoint_type"], "load_balance");
  EXPECT_EQ(balanced.data["endpointConfig"]["production_endpoints"].size(), 2U);
  EXPECT_EQ(balanced.data["endpointConfig"]["sessionManagement"], "transport");
  EXPECT_FALSE(balanced.data["endpointConfig"].contains("production_failovers"));
  const Applied failover = apply(
      "endpointRoutingPolicy: failover\nfailoverEndpoints: { production: { url: 'http://a' }, "
      "productionFailovers: [ { url: 'http://b' } ] }\n");
  EXPECT_EQ(failover.data["endpointConfig"]["production_failovers"][0]["url"], "http://b");
}

TEST(Configs, WhatTheyDoNotNameStays) {
  const Applied applied = apply("policies: [ Gold ]\n");
  EXPECT_EQ(applied.data["policies"], PlainJson({"Gold"}));
  EXPECT_EQ(applied.data["endpointConfig"]["endpoint_type"], "failover");
  EXPECT_FALSE(applied.targets.has_value());
  EXPECT_TRUE(apply("deploymentEnvironments: []\n").targets.has_value());
}

TEST(Configs, WhatHasNoEffectIsWarnedOfAndWhatCannotBeIsRefused) {
  const Applied applied = apply(
      "certs: [ { alias: a } ]\nendpoint: {}\ndependentAPIs: {}\nawsLambdaEndpoints: "
      "{}\nendpointType: soap\n");
  std::vector<std::string> warned;
  for (const auto& warning : applied.gather.warnings) warned.push_back(warning.field);
  EXPECT_THAT(warned, testing::UnorderedElementsAre("certs", "endpoint", "dependentAPIs"));
  std::vector<std::string> refused;
  for (const auto& finding : applied.gather.findings) refused.push_back(finding.where);
  EXPECT_THAT(refused, testing::UnorderedElementsAre("p.yaml:4: awsLambdaEndpoints",
                                                     "p.yaml:5: endpointType"));
  EXPECT_EQ(apply("endpointRoutingPolicy: failover\n").gather.findings.size(), 1U);
  EXPECT_EQ(apply("failoverEndpoints: {}\n").gather.findings.size(), 1U);
  EXPECT_EQ(apply("- x\n").gather.findings.size(), 1U);
}

}  // namespace
}  // namespace apim::import
