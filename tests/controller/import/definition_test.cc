// Definitions: versions, order, references.

#include "import/definition.h"

#include <gtest/gtest.h>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

std::string document(const std::string& paths) {
  return "openapi: 3.0.3\ninfo: { title: Tea, version: 1.10 }\npaths:\n" + paths;
}

TEST(Definition, OperationsStandInTheDocumentsOrder) {
  const auto definition = read_definition(
      document("  /z: { post: {}, get: {} }\n  /a: { get: {}, parameters: [], x-note: 1 }\n"),
      "o.yaml");
  ASSERT_TRUE(definition.has_value()) << told(definition.error());
  ASSERT_EQ(definition->operations.size(), 3U);
  EXPECT_EQ(definition->operations[0].verb + definition->operations[0].target, "POST/z");
  EXPECT_EQ(definition->operations[1].verb + definition->operations[1].target, "GET/z");
  EXPECT_EQ(definition->operations[2].pointer, "/paths/~1a/get");
  EXPECT_EQ(definition->root()["info"]["version"], "1.10");
  EXPECT_LT(definition->text().find("\"/z\""), definition->text().find("\"/a\""));
}

TEST(Definition, SwaggerTwoAndThreeOneAreRead) {
  EXPECT_TRUE(read_definition(
                  "swagger: '2.0'\ninfo: { title: T, version: '1' }\npaths: { /a: { get: {} } }\n",
                  "s.yaml")
                  ->is_swagger2);
  EXPECT_TRUE(
      read_definition(
          R"({"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{"/a":{"get":{}}}})",
          "o.json")
          .has_value());
  EXPECT_FALSE(read_definition(
                   "swagger: '1.2'\ninfo: { title: T, version: '1' }\npaths: { /a: { get: {} } }\n",
                   "s.yaml")
                   .has_value());
}

TEST(Definition, PathsMayReferToOthersInTheDocument) {
  const auto definition = read_definition(
      document("  /a: { $ref: '#/x-shared/common' }\nx-shared: { common: { get: {}, put: {} } }\n"),
      "o.yaml");
  ASSERT_TRUE(definition.has_value()) << told(definition.error());
  EXPECT_EQ(definition->operations.size(), 2U);
  EXPECT_EQ(definition->operations[1].verb, "PUT");
}

TEST(Definition, SchemasMayReferToThemselves) {
  const auto definition = read_definition(
      document("  /a: { get: {} }\ncomponents:\n  schemas:\n    Node: { properties: { next: { "
               "$ref: '#/components/schemas/Node' }, $ref: { type: string } } }\n"),
      "o.yaml");
  EXPECT_TRUE(definition.has_value()) << told(definition.error());
}

TEST(Definition, ExamplesAreDataAndNotLookedAt) {
  EXPECT_TRUE(
      read_definition(
          document(
              "  /a: { get: { responses: { x: { example: { $ref: 'http://elsewhere' } } } } }\n"),
          "o.yaml")
          .has_value());
  const auto wrong = read_definition(
      document("  /a: { get: { x: { properties: { example: { $ref: 'http://elsewhere' } } } } }\n"),
      "o.yaml");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(told(wrong.error()), testing::HasSubstr("only references within the document"));
}

TEST(Definition, EscapedReferencesAreFound) {
  EXPECT_TRUE(
      read_definition(document("  /a/{id}: { get: {} }\n  /b: { $ref: '#/paths/~1a~1%7Bid%7D' }\n"),
                      "o.yaml")
          .has_value());
  EXPECT_TRUE(read_definition(document("  /a: { get: { parameters: [ { name: x, in: query }, { "
                                       "$ref: '#/paths/~1a/get/parameters/0' } ] } }\n"),
                              "o.yaml")
                  .has_value());
  EXPECT_FALSE(
      read_definition(
          document("  /a: { get: { parameters: [ { $ref: '#/paths/~1a/get/parameters/9' } ] } }\n"),
          "o.yaml")
          .has_value());
}

TEST(Definition, MembersOfAnythingAreNullWhenAbsent) {
  EXPECT_TRUE(member(nlohmann::ordered_json(5), "a").is_null());
  EXPECT_TRUE(member(nlohmann::ordered_json::object(), "a").is_null());
}

}  // namespace
}  // namespace apim::import
