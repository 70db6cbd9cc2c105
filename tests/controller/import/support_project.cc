#include "controller/import/support_project.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace apim::import {

std::string tea_api() {
  return R"(type: api
version: v4.7.0
data:
  name: Tea
  context: /tea
  version: 1.0.0
  provider: admin
  securityScheme: [api_key]
  endpointConfig:
    endpoint_type: http
    production_endpoints:
      url: http://127.0.0.1:9000/tea
  operations:
    - target: /cups
      verb: GET
    - target: /cups/{id}
      verb: GET
)";
}

std::string tea_definition() {
  return R"(openapi: 3.0.1
info:
  title: Tea
  version: 1.0.0
paths:
  /cups:
    get:
      responses: { "200": { description: ok } }
  /cups/{id}:
    get:
      responses: { "200": { description: ok } }
)";
}

Files tea_project() {
  return {{"api.yaml", tea_api()}, {"Definitions/swagger.yaml", tea_definition()}};
}

std::string with(std::string text, const std::string& before, const std::string& after) {
  const size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  if (at != std::string::npos) text.replace(at, before.size(), after);
  return text;
}

std::string told(const model::Problem& problem) {
  std::string text = problem.message + ": " + problem.description;
  for (const model::Finding& finding : problem.findings)
    text += "\n" + finding.where + " " + finding.message;
  return text;
}

std::string read_test_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace apim::import
