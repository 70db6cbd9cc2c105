// A definition's operations as an API document's: extensions and scopes.

#include "import/defined_operations.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

Definition read(const std::string& text) {
  auto definition = read_definition(text, "o.yaml");
  EXPECT_TRUE(definition.has_value()) << told(definition.error());
  return std::move(*definition);
}

constexpr const char* kScoped = R"(openapi: 3.0.0
info: { title: T, version: '1' }
security: [ { login: [ read ] }, { key: [ ignored ] } ]
paths:
  /a:
    get: { x-auth-type: Application, x-throttling-tier: 10KPerMin }
    put: { security: [ { login: [ write, admin ] } ] }
    post: { security: [], x-scope: "one, two" }
    delete: { x-wso2-disable-security: true }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: k }
    login:
      type: oauth2
      flows:
        implicit:
          authorizationUrl: https://a
          scopes: { read: May read, write: May write }
          x-scopes-bindings: { write: "admin, editor" }
x-wso2-security:
  apim:
    x-wso2-scopes: [ { key: admin, name: Administer, description: All, roles: admin } ]
)";

TEST(DefinedOperations, CarryTheirExtensions) {
  const Definition definition = read(kScoped);
  const nlohmann::json operations = operations_document(definition);
  ASSERT_EQ(operations.size(), 4U);
  EXPECT_EQ(operations[0]["authType"], "Application");
  EXPECT_EQ(operations[0]["throttlingPolicy"], "10KPerMin");
  EXPECT_EQ(operations[0]["scopes"], nlohmann::json({"read"}));
  EXPECT_EQ(operations[1]["scopes"], nlohmann::json({"write", "admin"}));
  EXPECT_EQ(operations[2]["scopes"], nlohmann::json({"one", "two"}));
  EXPECT_EQ(operations[2]["authType"], "Application & Application User");
  EXPECT_EQ(operations[3]["authType"], "None");
}

TEST(DefinedOperations, EveryScopeThatIsNamedIsDefined) {
  const Definition definition = read(kScoped);
  const nlohmann::json scopes = scopes_document(definition);
  std::map<std::string, nlohmann::json> by_name;
  for (const auto& scope : scopes) by_name[scope["scope"]["name"]] = scope["scope"];
  EXPECT_EQ(by_name.size(), 5U);
  EXPECT_EQ(by_name["write"]["bindings"], nlohmann::json({"admin", "editor"}));
  EXPECT_EQ(by_name["admin"]["displayName"], "Administer");
  EXPECT_EQ(by_name["read"]["description"], "May read");
}

TEST(DefinedOperations, AreFoundInTheDefinition) {
  const Definition definition = read(kScoped);
  TreeLocator locator(definition.tree, "");
  locate_operations(definition, "/operations", locator);
  EXPECT_EQ(locator.locate("/operations/1/target"), "o.yaml:7: ");
  EXPECT_EQ(locator.locate("/operations/0/authType"), "o.yaml:6: ");
}

}  // namespace
}  // namespace apim::import
