#include "import/export.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "import/tree.h"
#include "import/yaml_writer.h"
#include "model/api_codec.h"

namespace apim::import {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormatVersion = "v4.7.0";

// The order people expect; whatever else there is follows by name.
constexpr std::array<const char*, 38> kOrder = {"id",
                                                "name",
                                                "displayName",
                                                "description",
                                                "context",
                                                "version",
                                                "provider",
                                                "lifeCycleStatus",
                                                "isDefaultVersion",
                                                "isRevision",
                                                "revisionId",
                                                "type",
                                                "transport",
                                                "tags",
                                                "policies",
                                                "apiThrottlingPolicy",
                                                "authorizationHeader",
                                                "apiKeyHeader",
                                                "securityScheme",
                                                "maxTps",
                                                "visibility",
                                                "visibleRoles",
                                                "subscriptionAvailability",
                                                "additionalProperties",
                                                "accessControl",
                                                "businessInformation",
                                                "corsConfiguration",
                                                "endpointConfig",
                                                "endpointImplementationType",
                                                "scopes",
                                                "apiPolicies",
                                                "operations",
                                                "categories",
                                                "keyManagers",
                                                "advertiseInfo",
                                                "gatewayVendor",
                                                "gatewayType",
                                                "organizationId"};
constexpr std::array<const char*, 9> kOperationOrder = {"id",
                                                        "target",
                                                        "verb",
                                                        "authType",
                                                        "throttlingPolicy",
                                                        "scopes",
                                                        "usedProductIds",
                                                        "operationPolicies",
                                                        "uriMapping"};

template <size_t N>
Json ordered(const nlohmann::json& object, const std::array<const char*, N>& order) {
  Json result = Json::object();
  for (const char* const key : order) {
    if (object.contains(key)) result[key] = object[key];
  }
  for (const auto& [key, value] : object.items()) {
    if (!result.contains(key)) result[key] = value;
  }
  return result;
}

Json api_document(const model::Api& api) {
  const nlohmann::json document = model::write_api(api);
  Json data = ordered(document, kOrder);
  if (data.contains("operations") && data["operations"].is_array()) {
    for (size_t i = 0; i < data["operations"].size(); ++i) {
      const nlohmann::json& operation = document["operations"][i];
      if (operation.is_object()) data["operations"][i] = ordered(operation, kOperationOrder);
    }
  }
  return {{"type", "api"}, {"version", kFormatVersion}, {"data", std::move(data)}};
}

std::string text_of(const Json& document, Format format) {
  if (format == Format::Yaml) return write_yaml(document);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Json targets_document(const std::vector<DeploymentTarget>& targets) {
  Json list = Json::array();
  for (const DeploymentTarget& target : targets) {
    Json entry = {{"displayOnDevportal", target.shown_in_devportal},
                  {"deploymentEnvironment", target.environment}};
    if (!target.vhost.empty()) entry["deploymentVhost"] = target.vhost;
    list.push_back(std::move(entry));
  }
  return {
      {"type", "deployment_environments"}, {"version", kFormatVersion}, {"data", std::move(list)}};
}

model::Result<Files> write_project(const model::Api& api,
                                   const std::vector<DeploymentTarget>& deployments,
                                   Format format) {
  const std::string ending = format == Format::Yaml ? ".yaml" : ".json";
  Files files;
  files["api" + ending] = text_of(api_document(api), format);
  if (!api.definition.empty()) {
    ASSIGN_OR_REFUSE(const Tree definition, read_tree(api.definition, "the stored definition"));
    files["Definitions/swagger" + ending] = text_of(definition.value, format);
  }
  if (!deployments.empty()) {
    files["deployment_environments" + ending] = text_of(targets_document(deployments), format);
  }
  return files;
}

model::Result<std::string> export_zip(const model::Api& api,
                                      const std::vector<DeploymentTarget>& deployments,
                                      Format format) {
  ASSIGN_OR_REFUSE(const Files files, write_project(api, deployments, format));
  return write_zip(files, api.name + "-" + api.version);
}

}  // namespace apim::import
