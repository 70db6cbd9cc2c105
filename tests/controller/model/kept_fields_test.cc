// Fields that are kept: their types are checked, and a warning names those that would matter.

#include "model/kept_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace apim::model {
namespace {

using Json = nlohmann::json;

std::pair<std::vector<std::string>, std::vector<std::string>> check(const Json& document) {
  FieldReport report(nullptr);
  check_kept_fields(Field(document, report));
  std::vector<std::string> refused;
  std::vector<std::string> warned;
  for (const Finding& finding : report.findings) refused.push_back(finding.where);
  for (const Warning& warning : report.warnings) warned.push_back(warning.field);
  return {refused, warned};
}

TEST(KeptFields, WhatAnExporterWritesByDefaultNeedsNoWord) {
  const Json document = {
      {"id", "x"},
      {"cacheTimeout", 300},
      {"audiences", {"all"}},
      {"audience", "PUBLIC"},
      {"visibility", "PUBLIC"},
      {"visibleOrganizations", {"none"}},
      {"keyManagers", {"all"}},
      {"gatewayVendor", "wso2"},
      {"gatewayType", "wso2/synapse"},
      {"accessControl", "NONE"},
      {"subscriptionAvailability", "CURRENT_TENANT"},
      {"endpointImplementationType", "ENDPOINT"},
      {"monetization", {{"enabled", false}}},
      {"mediationPolicies", Json::array()},
      {"additionalProperties", {{{"name", "a"}, {"value", "b"}, {"display", false}}}},
      {"subtypeConfiguration", {{"subtype", "DEFAULT"}}},
      {"threatProtectionPolicies", nullptr},
      {"categories", {"Finance"}},
      {"unknownKey", 5}};
  const auto [refused, warned] = check(document);
  EXPECT_THAT(refused, testing::IsEmpty());
  EXPECT_THAT(warned, testing::IsEmpty());
}

TEST(KeptFields, WhatWouldMatterIsNamed) {
  const Json document = {
      {"accessControl", "RESTRICTED"},
      {"egress", true},
      {"websubSubscriptionConfiguration", {{"enable", true}}},
      {"organizationPolicies", {{{"organizationID", "o"}}}},
      {"subtypeConfiguration", {{"subtype", "AIAPI"}}},
      {"maxTps",
       {{"tokenBasedThrottlingConfiguration", {{"isTokenBasedThrottlingEnabled", true}}}}}};
  EXPECT_THAT(check(document).second,
              testing::UnorderedElementsAre(
                  "accessControl", "egress", "websubSubscriptionConfiguration.enable",
                  "organizationPolicies", "subtypeConfiguration.subtype",
                  "maxTps.tokenBasedThrottlingConfiguration.isTokenBasedThrottlingEnabled"));
}

TEST(KeptFields, TypesAndChoicesAreChecked) {
  const Json document = {{"visibility", "SECRET"},
                         {"cacheTimeout", "long"},
                         {"enableSchemaValidation", 1},
                         {"audiences", "all"},
                         {"monetization", "yes"},
                         {"serviceInfo", {1}},
                         {"additionalProperties", {{{"value", "b"}}, "x"}},
                         {"endpointImplementationType", "INLINE"}};
  EXPECT_THAT(check(document).first,
              testing::UnorderedElementsAre(
                  "visibility", "cacheTimeout", "enableSchemaValidation", "audiences",
                  "monetization", "serviceInfo", "additionalProperties[0].name",
                  "additionalProperties[1]", "endpointImplementationType"));
}

}  // namespace
}  // namespace apim::model
