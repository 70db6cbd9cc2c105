// The projects under conf/examples, and what a project's parts become.

#include "import/project.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "controller/import/support_project.h"
#include "import/openapi.h"
#include "import/params.h"
#include "import/source.h"
#include "model/api_codec.h"

namespace apim::import {
namespace {

namespace fs = std::filesystem;

const Variables kBackends = {{"BACKEND_PORT", "9001"}, {"BACKEND_PORT_2", "9002"}};

fs::path example(const std::string& name) {
  return fs::path(APIM_SOURCE_DIR) / "conf/examples" / name;
}

Project read_example_for(const std::string& name, const std::string& environment = "") {
  const auto source = read_source(example(name));
  EXPECT_TRUE(source.has_value()) << told(source.error());
  const auto files =
      prepare_project(source->files, {.environment = environment, .variables = kBackends});
  EXPECT_TRUE(files.has_value()) << told(files.error());
  const auto project = read_project(*files);
  EXPECT_TRUE(project.has_value()) << told(project.error());
  return *project;
}

std::vector<std::string> fields(const std::vector<model::Warning>& warnings) {
  std::vector<std::string> result;
  for (const model::Warning& warning : warnings) result.push_back(warning.field);
  return result;
}

TEST(Project, BookshopHasScopesAndALimitForEachOperation) {
  const Project project = read_example_for("bookshop");
  EXPECT_EQ(project.api.name, "Bookshop");
  EXPECT_EQ(project.api.context, "/bookshop/1.2.0");
  EXPECT_EQ(project.api.operations.size(), 11U);
  EXPECT_EQ(project.api.scopes.size(), 2U);
  EXPECT_EQ(project.api.operations[1].throttling_policy, "10KPerMin");
  EXPECT_EQ(project.api.operations[1].scopes, std::vector<std::string>{"stock_write"});
  EXPECT_EQ(project.api.operations[10].auth, model::AuthType::None);
  EXPECT_EQ(project.api.production->endpoints[0].url, "http://127.0.0.1:9001/bookshop");
  EXPECT_EQ(project.api.production->endpoints[0].tuning.timeout_ms, 15'000U);
  EXPECT_TRUE(project.api.security.api_key);
  EXPECT_EQ(project.deployments, (std::vector<DeploymentTarget>{{"Default", "localhost", true}}));
  EXPECT_THAT(fields(project.warnings),
              testing::UnorderedElementsAre("data.securityScheme", "data.operations"));
}

TEST(Project, ParcelTrackingFailsOverInProductionAndNotInDevelopment) {
  const Project production = read_example_for("parcel-tracking", "prod");
  EXPECT_EQ(production.api.production->balance, model::Balance::Failover);
  EXPECT_EQ(production.api.production->endpoints.size(), 2U);
  EXPECT_EQ(production.api.production->endpoints[0].tuning.suspend_ms, 2'000U);
  EXPECT_EQ(production.api.production->endpoints[1].url, "http://127.0.0.1:9002/parcels");
  const Project development = read_example_for("parcel-tracking", "dev");
  EXPECT_EQ(development.api.production->balance, model::Balance::Single);
  EXPECT_EQ(development.api.production->endpoints[0].url, "http://127.0.0.1:9001/parcels-dev");
  EXPECT_EQ(development.api.policies, (std::vector<std::string>{"Unlimited", "Gold"}));
  EXPECT_EQ(development.api.throttling_policy, "50KPerMin");
}

TEST(Project, ParcelRatesBalancesBothKeyTypes) {
  const Project project = read_example_for("parcel-rates");
  EXPECT_EQ(project.api.context, "/rates/1.0.0/parcels");
  EXPECT_EQ(project.api.context_template, "/rates/{version}/parcels");
  EXPECT_EQ(project.api.api_key_header, "X-Rates-Key");
  EXPECT_FALSE(project.api.security.oauth2);
  EXPECT_EQ(project.api.production->balance, model::Balance::RoundRobin);
  EXPECT_EQ(project.api.sandbox->endpoints.size(), 2U);
}

TEST(Project, WildlifeOverlapsAndHasPolicies) {
  const Project project = read_example_for("wildlife");
  EXPECT_TRUE(project.api.is_default_version);
  EXPECT_EQ(project.api.operations.size(), 15U);
  EXPECT_EQ(project.api.policies_of_api.request[0].parameters.at("headerName"), "X-Atlas");
  EXPECT_EQ(project.api.operations[10].policies.request[0].name, "rewriteResourcePath");
  EXPECT_EQ(project.api.operations[10].policies.request[0].parameters.at("includeQueryParams"),
            "True");
  EXPECT_EQ(project.api.production_max_tps,
            (model::Limit{model::QuotaKind::Requests, 60'000, 1, model::TimeUnit::Minute}));
  ASSERT_TRUE(project.api.cors.has_value());
  EXPECT_EQ(project.api.cors->origins[1], "https://*.atlas.example");
}

TEST(Project, HarbourNeedsNoProjectAroundIt) {
  const std::string text = read_test_file(example("harbour.openapi.yaml").string());
  const auto filled = substitute(text, "harbour.openapi.yaml", kBackends);
  ASSERT_TRUE(filled.has_value());
  const auto project = read_openapi(*filled, "harbour.openapi.yaml", {});
  ASSERT_TRUE(project.has_value()) << told(project.error());
  EXPECT_EQ(project->api.name, "HarbourOffice");
  EXPECT_EQ(project->api.context, "/harbour/1.4.0");
  EXPECT_EQ(project->api.operations.size(), 22U);
  EXPECT_TRUE(project->api.security.api_key);
  EXPECT_EQ(project->api.production->endpoints[0].url, "http://127.0.0.1:9001/harbour");
}

TEST(Project, EveryExampleDescribesAllItServes) {
  for (const char* const name : {"bookshop", "parcel-rates", "wildlife"}) {
    for (const model::Warning& warning : read_example_for(name).warnings) {
      EXPECT_THAT(warning.message, testing::Not(testing::HasSubstr("describe")))
          << name << " " << warning.field;
      EXPECT_THAT(warning.message, testing::Not(testing::HasSubstr("not served")))
          << name << " " << warning.field;
    }
  }
}

TEST(Project, IsReadFromAZipWithAFolderAroundIt) {
  const auto zip = write_zip(tea_project(), "Tea-1.0.0");
  ASSERT_TRUE(zip.has_value());
  const auto project = read_project_zip(*zip);
  ASSERT_TRUE(project.has_value()) << told(project.error());
  EXPECT_EQ(project->api.name, "Tea");
}

TEST(Project, TakesChosenParamsAsApictlSendsThem) {
  Files files = tea_project();
  files["intermediate_params.yaml"] = "endpoints:\n  production: { url: 'http://10.0.0.1/tea' }\n";
  EXPECT_EQ(read_project(files)->api.production->endpoints[0].url, "http://10.0.0.1/tea");
  files["intermediate_params.yaml"] =
      "name: dev\nconfigs:\n  endpoints:\n    production: { url: 'http://10.0.0.2/tea' }\n";
  EXPECT_EQ(read_project(files)->api.production->endpoints[0].url, "http://10.0.0.2/tea");
}

TEST(Project, ABundleIsUnpackedAndItsDeploymentLaidOver) {
  Files source = tea_project();
  source["deployment_environments.yaml"] = "data: [ { deploymentEnvironment: Default } ]\n";
  const auto archive = write_zip(source, "Tea-1.0.0");
  ASSERT_TRUE(archive.has_value());
  const Files bundle = {
      {"SourceArchive.zip", *archive},
      {"Deployment/deployment_environments.yaml", "data: [ { deploymentEnvironment: Europe } ]\n"}};
  const auto project = read_project(bundle);
  ASSERT_TRUE(project.has_value()) << told(project.error());
  EXPECT_EQ(project->deployments, (std::vector<DeploymentTarget>{{"Europe", "", true}}));
}

}  // namespace
}  // namespace apim::import
