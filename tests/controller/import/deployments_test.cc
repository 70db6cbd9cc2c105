// deployment_environments.yaml.

#include "import/deployments.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

TEST(Deployments, AreReadWithTheirDefaults) {
  for (const char* const text : {"data: [ { deploymentEnvironment: A }, { deploymentEnvironment: "
                                 "B, deploymentVhost: v, displayOnDevportal: 'false' } ]",
                                 "[ { deploymentEnvironment: A }, { deploymentEnvironment: B, "
                                 "deploymentVhost: v, displayOnDevportal: false } ]"}) {
    Gather gather;
    EXPECT_EQ(read_deployments(read_tree(text, "d.yaml").value(), gather),
              (std::vector<DeploymentTarget>{{"A", "", true}, {"B", "v", false}}));
    EXPECT_TRUE(gather.findings.empty());
  }
}

TEST(Deployments, FaultsHaveTheirLine) {
  Gather gather;
  read_deployments(read_tree("data:\n- deploymentVhost: v\n- deploymentEnvironment: A\n- "
                             "deploymentEnvironment: A\n- x\n",
                             "d.yaml")
                       .value(),
                   gather);
  std::vector<std::string> places;
  for (const auto& finding : gather.findings) places.push_back(finding.where);
  EXPECT_THAT(places, testing::ElementsAre("d.yaml:2: data[0].deploymentEnvironment",
                                           "d.yaml:4: data[2].deploymentEnvironment",
                                           "d.yaml:5: data[3].deploymentEnvironment"));
  Gather other;
  read_deployments(read_tree("data: Default", "d.yaml").value(), other);
  EXPECT_EQ(other.findings.size(), 1U);
}

}  // namespace
}  // namespace apim::import
