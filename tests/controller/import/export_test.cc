// Export: what comes out is imported to the same API.

#include "import/export.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/import/support_project.h"
#include "import/archive.h"
#include "import/params.h"
#include "import/source.h"
#include "model/api_codec.h"

namespace apim::import {
namespace {

const std::vector<DeploymentTarget> kTargets = {{"Default", "localhost", true},
                                                {"Europe", "", false}};

Project read_example(const std::string& name) {
  const auto source = read_source(std::string(APIM_SOURCE_DIR) + "/conf/examples/" + name);
  EXPECT_TRUE(source.has_value());
  Files files = source->files;
  files.erase("api_params.yaml");
  const auto prepared =
      prepare_project(files, {.variables = {{"BACKEND_PORT", "1"}, {"BACKEND_PORT_2", "2"}}});
  EXPECT_TRUE(prepared.has_value()) << told(prepared.error());
  return read_project(*prepared).value();
}

TEST(Export, ImportGivesTheSameApiAgain) {
  for (const char* const name : {"bookshop", "parcel-tracking", "parcel-rates", "wildlife"}) {
    const Project project = read_example(name);
    for (const Format format : {Format::Yaml, Format::Json}) {
      SCOPED_TRACE(name);
      const auto zip = export_zip(project.api, kTargets, format);
      ASSERT_TRUE(zip.has_value()) << told(zip.error());
      const auto back = read_project_zip(*zip);
      ASSERT_TRUE(back.has_value()) << told(back.error());
      EXPECT_EQ(model::write_api(back->api), model::write_api(project.api));
      EXPECT_EQ(back->api.definition, project.api.definition);
      EXPECT_EQ(back->deployments, kTargets);
    }
  }
}

TEST(Export, TheSameApiGivesTheSameBytes) {
  const Project project = read_example("wildlife");
  EXPECT_EQ(export_zip(project.api, kTargets, Format::Yaml).value(),
            export_zip(project.api, kTargets, Format::Yaml).value());
}

TEST(Export, LooksLikeApictlsProjects) {
  const Files files = write_project(read_example("bookshop").api, kTargets, Format::Yaml).value();
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files) names.push_back(name);
  EXPECT_THAT(names, testing::ElementsAre("Definitions/swagger.yaml", "api.yaml",
                                          "deployment_environments.yaml"));
  EXPECT_TRUE(
      files.at("api.yaml").starts_with("type: api\nversion: v4.7.0\ndata:\n  name: Bookshop\n"))
      << files.at("api.yaml").substr(0, 200);
  EXPECT_EQ(files.at("deployment_environments.yaml"),
            "type: deployment_environments\nversion: v4.7.0\ndata:\n- displayOnDevportal: true\n  "
            "deploymentEnvironment: Default\n"
            "  deploymentVhost: localhost\n- displayOnDevportal: false\n  deploymentEnvironment: "
            "Europe\n");
  EXPECT_EQ(write_project(read_example("bookshop").api, {}, Format::Json)
                .value()
                .count("deployment_environments.json"),
            0U);
}

}  // namespace
}  // namespace apim::import
