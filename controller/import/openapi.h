// OpenApi: an OpenAPI 3.0/3.1 (or Swagger 2.0) document as an API (reference 1.8).

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "import/project.h"
#include "model/api.h"
#include "model/problem.h"

namespace apim::import {

// What the caller says wins over what the document says. Empty = not said.
struct OpenApiArguments {
  std::string name = {};      // else info.title without blanks and the characters WSO2 forbids
  std::string version = {};   // else info.version
  std::string context = {};   // else x-wso2-basePath, else "/" and the name in small letters
  std::string endpoint = {};  // else x-wso2-production-endpoints, else servers[0].url
  std::string sandbox_endpoint = {};  // else x-wso2-sandbox-endpoints
};

// `document` is JSON or YAML text; `file` is its name in messages. `additional` is an API document
// (the `additionalProperties` of import-openapi, may be null): its fields win over everything,
// arguments included.
model::Result<Project> read_openapi(const std::string& document, const std::string& file,
                                    const OpenApiArguments& arguments,
                                    const nlohmann::json& additional);

// As above without `additional`.
model::Result<Project> read_openapi(const std::string& document, const std::string& file,
                                    const OpenApiArguments& arguments);

// The operations a stored definition (OpenAPI text, JSON or YAML) describes, in its order. For an
// API whose own `operations` is empty.
model::Result<std::vector<model::Operation>> operations_of(const std::string& definition,
                                                           const std::string& file);

// The definition as it is kept: OpenAPI 3 or Swagger 2 checked, YAML turned into JSON, order of
// paths kept.
model::Result<std::string> normalise_definition(const std::string& definition,
                                                const std::string& file);

// A definition for an API that came without one: its operations, with their path parameters.
std::string make_definition(const model::Api& api);

}  // namespace apim::import
