// OpenAPI documents as APIs: what comes from where, and who wins.

#include "import/openapi.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/import/support_project.h"
#include "model/api_codec.h"

namespace apim::import {
namespace {

model::Api read_tea(const std::string& text, const OpenApiArguments& arguments = {},
                    const nlohmann::json& additional = nullptr) {
  const auto project = read_openapi(text, "o.yaml", arguments, additional);
  EXPECT_TRUE(project.has_value()) << told(project.error());
  return project.has_value() ? project->api : model::Api{};
}

std::string tea(const std::string& more) {
  return "openapi: 3.0.0\ninfo: { title: 'green tea (cold)', version: 1.10, description: Cups "
         "}\npaths: { /cups: { get: {} } }\n" +
         more;
}

TEST(OpenApi, NamesComeFromTheTitleUnlessTheyAreGiven) {
  const model::Api api =
      read_tea(tea("servers: [ { url: 'https://{host}:8443/v1', variables: { host: { default: "
                   "tea.example } } } ]\n"));
  EXPECT_EQ(api.name, "GreenTeaCold");
  EXPECT_EQ(api.version, "1.10");
  EXPECT_EQ(api.context, "/greenteacold/1.10");
  EXPECT_EQ(api.production->endpoints[0].url, "https://tea.example:8443/v1");
  EXPECT_FALSE(api.sandbox.has_value());
  const model::Api given = read_tea(tea(""), {.name = "Tea",
                                              .version = "2",
                                              .context = "/t",
                                              .endpoint = "http://a",
                                              .sandbox_endpoint = "http://b"});
  EXPECT_EQ(given.name + given.context, "Tea/t/2");
  EXPECT_EQ(given.production->endpoints[0].url, "http://a");
  EXPECT_EQ(given.sandbox->endpoints[0].url, "http://b");
}

TEST(OpenApi, ExtensionsAreRead) {
  const model::Api api = read_tea(tea(R"(x-wso2-basePath: /brew
x-wso2-auth-header: X-Auth
x-wso2-api-key-header: X-Tea-Key
x-wso2-throttling-tier: 10KPerMin
x-wso2-transports: https
x-wso2-application-security: { security-types: [ api_key ], optional: false }
x-wso2-cors: { corsConfigurationEnabled: true, accessControlAllowOrigins: [ 'https://a' ] }
x-wso2-production-endpoints: { urls: [ 'http://a', 'http://b' ], type: failover }
x-wso2-sandbox-endpoints: { urls: [ 'http://c' ] }
)"));
  EXPECT_EQ(api.context, "/brew/1.10");
  EXPECT_EQ(api.authorization_header, "X-Auth");
  EXPECT_EQ(api.api_key_header, "X-Tea-Key");
  EXPECT_EQ(api.throttling_policy, "10KPerMin");
  EXPECT_TRUE(api.https && !api.http);
  EXPECT_TRUE(api.security.api_key && !api.security.oauth2 && api.security.application_mandatory);
  EXPECT_EQ(api.cors->origins[0], "https://a");
  EXPECT_EQ(api.production->balance, model::Balance::Failover);
  EXPECT_EQ(api.production->endpoints[1].url, "http://b");
  EXPECT_EQ(api.sandbox->endpoints[0].url, "http://c");
}

TEST(OpenApi, WithoutAWordOnSecurityItIsOAuth2) {
  EXPECT_EQ(read_tea(tea("")).security, model::Security{});
  EXPECT_TRUE(
      read_tea(
          tea("components: { securitySchemes: { k: { type: apiKey, in: header, name: K } } }\n"))
          .security.api_key);
}

TEST(OpenApi, AdditionalFieldsWin) {
  const model::Api api = read_tea(tea("x-wso2-throttling-tier: 10KPerMin\n"), {.name = "Tea"},
                                  {{"name", "Mate"},
                                   {"policies", {"Gold"}},
                                   {"apiThrottlingPolicy", nullptr},
                                   {"lifeCycleStatus", "PUBLISHED"}});
  EXPECT_EQ(api.name, "Mate");
  EXPECT_EQ(api.policies, std::vector<std::string>{"Gold"});
  EXPECT_EQ(api.throttling_policy, "10KPerMin");
  EXPECT_EQ(api.lifecycle, model::Lifecycle::Published);
  EXPECT_FALSE(read_openapi(tea(""), "o.yaml", {}, nlohmann::json::array()).has_value());
}

TEST(OpenApi, SwaggerTwoHasItsHost) {
  const model::Api api = read_tea(
      "swagger: '2.0'\ninfo: { title: Tea, version: '1' }\nhost: tea.example\nbasePath: "
      "/v1\nschemes: [ http ]\npaths: { /cups: { get: {} } }\n");
  EXPECT_EQ(api.production->endpoints[0].url, "http://tea.example/v1");
}

TEST(OpenApi, TheDefinitionIsKeptAsJsonInItsOrder) {
  const auto text = normalise_definition(
      "openapi: 3.0.0\ninfo: { version: '1', title: T }\npaths: { /z: { get: {} }, /a: { get: {} } "
      "}\n",
      "o.yaml");
  EXPECT_EQ(text.value(), R"({"openapi":"3.0.0","info":{"version":"1","title":"T"},)"
                          R"("paths":{"/z":{"get":{}},"/a":{"get":{}}}})");
  const auto operations = operations_of(*text, "definition");
  ASSERT_TRUE(operations.has_value());
  EXPECT_EQ(operations->at(0).target, "/z");
  EXPECT_FALSE(operations_of("{}", "definition").has_value());
}

TEST(OpenApi, AMadeDefinitionDescribesTheOperations) {
  model::Api api = read_tea(tea(""));
  model::Operation operation;
  operation.target = "/cups/{id}/{+rest}";
  operation.verb = model::Verb::Delete;
  operation.auth = model::AuthType::None;
  operation.throttling_policy = "Unlimited";
  api.operations = {operation};
  EXPECT_EQ(operations_of(make_definition(api), "made").value(), api.operations);
}

}  // namespace
}  // namespace apim::import
