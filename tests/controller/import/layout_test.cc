// Which layouts are projects; most refusals are in malformed/.

#include "import/layout.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"
#include "import/archive.h"

namespace apim::import {
namespace {

TEST(Layout, FindsItsFilesByTheirNames) {
  EXPECT_EQ(find_api_file({{"api.json", ""}}).value(), "api.json");
  EXPECT_EQ(find_definition_file({{"Definitions/swagger.json", ""}}), "Definitions/swagger.json");
  EXPECT_EQ(find_definition_file({{"swagger.yaml", ""}}), "");
  EXPECT_EQ(find_deployments_file({{"deployment_environments.json", ""}}),
            "deployment_environments.json");
}

TEST(Layout, MissingIsToldInWso2sWords) {
  const auto result = find_api_file({});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, 900909);
  EXPECT_EQ(result.error().message,
            "Cannot find API definition. api.yaml or api.json should present");
}

TEST(Layout, TwoApiFilesAreOneTooMany) {
  EXPECT_THAT(told(find_api_file({{"api.yaml", ""}, {"api.json", ""}}).error()),
              testing::HasSubstr("keep one of them"));
}

TEST(Layout, TheDeploymentFolderLiesOverTheArchive) {
  const std::string archive = write_zip({{"api.yaml", "a"}, {"x", "old"}}, "").value();
  EXPECT_EQ(
      unwrap({{"SourceArchive.zip", archive}, {"Deployment/x", "new"}, {"api_params.yaml", "p"}})
          .value(),
      (Files{{"api.yaml", "a"}, {"x", "new"}, {"api_params.yaml", "p"}}));
  EXPECT_EQ(unwrap({{"api.yaml", "a"}}).value(), (Files{{"api.yaml", "a"}}));
  EXPECT_THAT(told(unwrap({{"SourceArchive.zip", "no zip"}}).error()),
              testing::HasSubstr("SourceArchive.zip: "));
}

}  // namespace
}  // namespace apim::import
