// Operation policies against the built-in ones.

#include "import/policies.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

std::string refused(const model::PolicyFlows& flows, const Files& files = {}) {
  const Tree tree = read_tree("data: {}", "api.yaml").value();
  const TreeLocator locator(tree, "/data");
  model::Api api;
  api.policies_of_api = flows;
  api.operations.resize(1);
  api.operations[0].policies = flows;
  Gather gather;
  check_policies(api, files, locator, gather);
  if (gather.findings.empty()) return "";
  EXPECT_EQ(gather.findings.size(), 2U);
  EXPECT_THAT(gather.findings[1].where,
              testing::HasSubstr("data.operations[0].operationPolicies."));
  return gather.findings[0].where + " " + gather.findings[0].message;
}

model::OperationPolicy policy(const std::string& name, const std::string& type = "common") {
  return {name, "v2", type, {}};
}

TEST(Policies, BuiltInOnesPassInTheirFlows) {
  EXPECT_EQ(refused({.request = {policy("addHeader"), policy("changeHTTPMethod")},
                     .response = {policy("jsonToXML")},
                     .fault = {policy("jsonFault")}}),
            "");
  EXPECT_EQ(refused({.request = {policy("addHeader")}, .response = {}, .fault = {}},
                    {{"Policies/addHeader_v2_common.j2", ""}}),
            "");
}

TEST(Policies, OthersAreRefusedByName) {
  EXPECT_THAT(
      refused({.request = {policy("stamp")}, .response = {}, .fault = {}}),
      testing::HasSubstr("data.apiPolicies.request[0].policyName policy 'stamp' v2 is neither"));
  EXPECT_THAT(refused({.request = {policy("stamp")}, .response = {}, .fault = {}},
                      {{"Policies/stamp_v2.xml", ""}}),
              testing::HasSubstr("(Policies/stamp_v2.xml)"));
  EXPECT_THAT(refused({.request = {policy("addHeader", "api")}, .response = {}, .fault = {}}),
              testing::HasSubstr("use type common"));
  EXPECT_THAT(refused({.request = {}, .response = {}, .fault = {policy("addQueryParam")}}),
              testing::HasSubstr("cannot stand in the fault flow"));
}

}  // namespace
}  // namespace apim::import
