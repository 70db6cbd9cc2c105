// What a Bundle promises: the project as the controller will read it, or the reason why not.

#include "cli/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using testing::HasSubstr;

const char* const kApi = R"(type: api
version: v4.7.0
data:
  name: Pizza
  context: /pizza
  version: 1.0.0
  lifeCycleStatus: PUBLISHED
  policies: [Gold]
  endpointConfig:
    endpoint_type: http
    production_endpoints: { url: "${BACKEND}" }
  operations:
  - { target: /menu, verb: GET }
)";
const char* const kOpenApi = R"({"openapi": "3.0.1", "info": {"title": "Pets", "version": "2.0"},
  "servers": [{"url": "http://127.0.0.1:1/v2"}],
  "paths": {"/pets": {"get": {"responses": {"200": {"description": "ok"}}}}}})";

struct Project {
  test::ConfigDir dir;
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = dir.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  std::string source() const { return dir.path().string(); }
};

const std::map<std::string, std::string> kVariables = {{"BACKEND", "http://127.0.0.1:1"}};

BundleArguments of(const std::string& source) {
  BundleArguments arguments;
  arguments.source = source;
  return arguments;
}

TEST(Bundle, WithoutAnEnvironmentItIsDefaultAndItsFirstVhost) {
  const Project project;
  project.write("api.yaml", kApi);
  const auto bundle = make_bundle(of(project.source()), kVariables);
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->name, "Pizza");
  ASSERT_EQ(bundle->targets.size(), 1U);
  EXPECT_EQ(bundle->targets[0].environment, "Default");
  EXPECT_EQ(bundle->targets[0].vhost, "");
  const auto read = import::read_project_zip(bundle->zip);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->deployments, bundle->targets);
  EXPECT_EQ(read->api.production->endpoints.at(0).url, "http://127.0.0.1:1");
}

TEST(Bundle, WhatTheUserSaysWinsOverTheProject) {
  const Project project;
  project.write("api.yaml", kApi);
  project.write("deployment_environments.yaml",
                "type: deployment_environments\ndata:\n- deploymentEnvironment: Edge\n");
  BundleArguments arguments = of(project.source());
  const auto own = make_bundle(arguments, kVariables);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->targets.at(0).environment, "Edge");
  arguments.environment = "Moon";
  arguments.vhost = "moon.example";
  const auto said = make_bundle(arguments, kVariables);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->targets.at(0).environment, "Moon");
  const auto read = import::read_project_zip(said->zip);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->deployments, said->targets);
}

TEST(Bundle, ParamsChooseTheEntryNamedLikeTheEnvironment) {
  const Project project;
  project.write("api.yaml", kApi);
  const std::string params =
      project.write("../params-" + project.dir.path().filename().string(), R"(environments:
- name: Moon
  configs:
    endpoints: { production: { url: "http://127.0.0.1:7" } }
    deploymentEnvironments: [ { deploymentEnvironment: Sun } ]
- name: dev
  configs:
    endpoints: { production: { url: "http://127.0.0.1:8" } }
)");
  BundleArguments arguments = of(project.source());
  arguments.params_file = params;
  arguments.environment = "Moon";
  const auto bundle = make_bundle(arguments, kVariables);
  std::filesystem::remove(params);
  ASSERT_TRUE(bundle) << bundle.error().message;
  const auto read = import::read_project_zip(bundle->zip);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->api.production->endpoints.at(0).url, "http://127.0.0.1:7");
  ASSERT_EQ(read->deployments.size(), 1U);
  EXPECT_EQ(read->deployments[0].environment, "Moon");
}

TEST(Bundle, AnOpenApiDocumentBecomesAProject) {
  const Project project;
  BundleArguments arguments = of(project.write("pets.json", kOpenApi));
  arguments.context = "/animals";
  arguments.plans = {"Gold"};
  const auto bundle = make_bundle(arguments, {});
  ASSERT_TRUE(bundle) << bundle.error().message;
  const auto read = import::read_project_zip(bundle->zip);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->api.name, "Pets");
  EXPECT_EQ(read->api.context, "/animals/2.0");
  EXPECT_EQ(read->api.lifecycle, model::Lifecycle::Published);
  EXPECT_THAT(read->api.policies, testing::ElementsAre("Gold"));
  EXPECT_EQ(read->api.operations.at(0).target, "/pets");
}

TEST(Bundle, AMissingVariableIsNamed) {
  const Project project;
  project.write("api.yaml", kApi);
  const auto bundle = make_bundle(of(project.source()), {});
  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().exit, Exit::Usage);
  EXPECT_THAT(bundle.error().message, HasSubstr("BACKEND"));
  EXPECT_THAT(bundle.error().message, HasSubstr("api.yaml:11"));
}

TEST(Bundle, OptionsOfTheOtherKindAreRefused) {
  const Project project;
  project.write("api.yaml", kApi);
  BundleArguments arguments = of(project.source());
  arguments.endpoint = "http://127.0.0.1:9";
  EXPECT_FALSE(make_bundle(arguments, kVariables));
  BundleArguments document = of(project.write("sub/pets.json", kOpenApi));
  document.params_file = "params.yaml";
  EXPECT_FALSE(make_bundle(document, {}));
}

TEST(Bundle, ARetiredApiIsNotDeployed) {
  const Project project;
  std::string text = kApi;
  text.replace(text.find("PUBLISHED"), 9, "RETIRED");
  project.write("api.yaml", text);
  const auto bundle = make_bundle(of(project.source()), kVariables);
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_TRUE(bundle->targets.empty());
}

TEST(Bundle, EveryFindingOfAProblemIsSaid) {
  const model::Problem problem{.http_status = 400,
                               .code = 1,
                               .message = "invalid",
                               .description = "both",
                               .findings = {{"api.yaml:3:", "is wrong"}, {"", "and this"}}};
  EXPECT_EQ(describe_problem(problem), "invalid\n  api.yaml:3: is wrong\n  and this");
}

}  // namespace
}  // namespace apim::cli
