// How a project's parts work together: definition, operations, targets, attachments.

#include "import/project_reader.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

Project read(const Files& files) {
  const auto project = read_project_with(files, nullptr);
  EXPECT_TRUE(project.has_value()) << told(project.error());
  return project.has_value() ? *project : Project{};
}

std::string warned(const Project& project) {
  std::string text;
  for (const model::Warning& warning : project.warnings)
    text += warning.field + " " + warning.message + "\n";
  return text;
}

TEST(ProjectReader, OperationsComeFromTheDefinitionWhenThereAreNone) {
  Files files = tea_project();
  files["api.yaml"] = tea_api().substr(0, tea_api().find("  operations:"));
  files["Definitions/swagger.yaml"] =
      with(tea_definition(), "    get:\n", "    get:\n      x-auth-type: None\n");
  const Project project = read(files);
  ASSERT_EQ(project.api.operations.size(), 2U);
  EXPECT_EQ(project.api.operations[0].auth, model::AuthType::None);
  EXPECT_EQ(warned(project), "");
}

TEST(ProjectReader, ApiYamlWinsAndDifferencesAreTold) {
  Files files = tea_project();
  files["Definitions/swagger.yaml"] = with(tea_definition(), "/cups/{id}:", "/pots:");
  const Project project = read(files);
  EXPECT_EQ(project.api.operations.size(), 2U);
  EXPECT_THAT(
      warned(project),
      testing::HasSubstr(
          "data.operations[1] GET /cups/{id} is served, but Definitions/swagger.yaml does not"));
  EXPECT_THAT(
      warned(project),
      testing::HasSubstr("Definitions/swagger.yaml:10: paths./pots.get GET /pots is not among"));
}

TEST(ProjectReader, ADefinitionIsMadeWhenThereIsNone) {
  const Project project = read({{"api.yaml", tea_api()}});
  EXPECT_THAT(project.api.definition, testing::HasSubstr("\"/cups/{id}\""));
  EXPECT_THAT(warned(project), testing::HasSubstr("a definition was made"));
}

TEST(ProjectReader, WithNeitherThereIsNothingToServe) {
  const auto project = read_project_with(
      {{"api.yaml", tea_api().substr(0, tea_api().find("  operations:"))}}, nullptr);
  ASSERT_FALSE(project.has_value());
  EXPECT_THAT(told(project.error()), testing::HasSubstr("data.operations is empty"));
}

TEST(ProjectReader, VersionsAreTextEvenWhenTheyLookLikeNumbers) {
  Files files = tea_project();
  files["api.yaml"] = with(tea_api(), "version: 1.0.0", "version: 1.10");
  EXPECT_EQ(read(files).api.context, "/tea/1.10");
}

TEST(ProjectReader, WhatIsNotUsedIsKeptAndSaid) {
  Files files = tea_project();
  files["Docs/Help/document.yaml"] = "x";
  files["Image/icon.png"] = std::string("\x89PNG\0", 5);
  files["Client-certificates/PRODUCTION/client_certificates.yaml"] = "data: []";
  files["api_params.yaml"] = "environments: []";
  const Project project = read(files);
  EXPECT_EQ(project.attachments.size(), 3U);
  for (const char* const field : {"Docs/", "Image/", "Client-certificates/", "api_params.yaml"}) {
    EXPECT_THAT(warned(project), testing::HasSubstr(std::string(field) + " "));
  }
}

TEST(ProjectReader, AllFilesAreReadBeforeItRefuses) {
  Files files = tea_project();
  files["api.yaml"] = with(tea_api(), "verb: GET", "verb: BREW");
  files["Definitions/swagger.yaml"] = "openapi: 9\n";
  files["deployment_environments.yaml"] = "data: [ {} ]\n";
  const auto project = read_project_with(files, nullptr);
  ASSERT_FALSE(project.has_value());
  for (const char* const text :
       {"api.yaml:15:", "Definitions/swagger.yaml:1:", "deployment_environments.yaml:1:"}) {
    EXPECT_THAT(told(project.error()), testing::HasSubstr(text));
  }
}

TEST(ProjectReader, OtherTypesAreImportedButNotDeployed) {
  Files files = {{"api.yaml", with(tea_api(), "name: Tea", "name: Tea\n  type: GRAPHQL")}};
  EXPECT_EQ(read(files).api.type, "GRAPHQL");
  files["deployment_environments.yaml"] = "data: [ { deploymentEnvironment: Default } ]\n";
  EXPECT_FALSE(read_project_with(files, nullptr).has_value());
}

}  // namespace
}  // namespace apim::import
