#include "rest/api_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>

#include "model/api_codec.h"
#include "rest/fields.h"

namespace apim::rest {
namespace {

using nlohmann::json;

// Path parameters a definition must declare: "/order/{orderId}".
json path_parameters(const std::string& target) {
  json parameters = json::array();
  for (size_t open = target.find('{'); open != std::string::npos;
       open = target.find('{', open + 1)) {
    const size_t close = target.find('}', open);
    if (close == std::string::npos) break;
    parameters.push_back({{"name", target.substr(open + 1, close - open - 1)},
                          {"in", "path"},
                          {"required", true},
                          {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

std::string event_text(const store::lifecycles::Step& step) {
  for (const model::Transition& transition : model::transitions_from(step.from))
    if (transition.target == step.to) return transition.event;
  return "";
}

// WSO2 writes states in its lifecycle answers as "Published".
std::string title(model::Lifecycle state) {
  std::string text = model::to_text(state);
  std::transform(text.begin() + 1, text.end(), text.begin() + 1,
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

json security_schemes(const model::Api& api) {
  json schemes = json::array();
  if (api.security.oauth2) schemes.push_back("oauth2");
  if (api.security.api_key) schemes.push_back("api_key");
  if (api.security.basic) schemes.push_back("basic_auth");
  if (api.security.mutual_tls) schemes.push_back("mutualssl");
  return schemes;
}

}  // namespace

std::string time_text(int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm moment{};
  gmtime_r(&seconds, &moment);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &moment);
  return text.data();
}

json api_info(const model::Api& api) {
  return {{"id", api.uuid},
          {"name", api.name},
          {"description", api.description},
          {"context", api.context_template.empty() ? api.context : api.context_template},
          {"version", api.version},
          {"provider", api.provider},
          {"type", api.type},
          {"lifeCycleStatus", model::to_text(api.lifecycle)},
          {"workflowStatus", "APPROVED"},
          {"hasThumbnail", false},
          {"securityScheme", security_schemes(api)},
          {"createdTime", std::to_string(api.created_ms)},
          {"updatedTime", std::to_string(api.updated_ms)},
          {"gatewayVendor", "wso2"},
          {"advertiseOnly", api.advertise_only}};
}

json portal_api_info(const model::Api& api) {
  return {{"id", api.uuid},
          {"name", api.name},
          {"description", api.description},
          {"context", api.context},
          {"version", api.version},
          {"provider", api.provider},
          {"type", api.type},
          {"lifeCycleStatus", model::to_text(api.lifecycle)},
          {"throttlingPolicies", api.policies},
          {"advertiseInfo", {{"advertised", api.advertise_only}}},
          {"createdTime", std::to_string(api.created_ms)}};
}

json portal_api(const model::Api& api) {
  json body = portal_api_info(api);
  json tiers = json::array();
  for (const std::string& plan : api.policies)
    tiers.push_back({{"tierName", plan}, {"tierPlan", "FREE"}});
  json operations = json::array();
  for (const model::Operation& operation : api.operations)
    operations.push_back(
        {{"id", ""}, {"target", operation.target}, {"verb", model::to_text(operation.verb)}});
  json scopes = json::array();
  for (const model::Scope& scope : api.scopes) {
    scopes.push_back({{"key", scope.name},
                      {"name", scope.display_name.empty() ? scope.name : scope.display_name},
                      {"roles", scope.roles},
                      {"description", scope.description}});
  }
  json transport = json::array();
  if (api.http) transport.push_back("http");
  if (api.https) transport.push_back("https");
  body["isDefaultVersion"] = api.is_default_version;
  body["apiDefinition"] = definition_of(api);
  body["authorizationHeader"] = api.authorization_header;
  body["apiKeyHeader"] = api.api_key_header;
  body["securityScheme"] = security_schemes(api);
  body["transport"] = std::move(transport);
  body["operations"] = std::move(operations);
  body["scopes"] = std::move(scopes);
  body["tags"] = api.tags;
  body["tiers"] = std::move(tiers);
  return body;
}

std::string definition_of(const model::Api& api) {
  if (!api.definition.empty()) return api.definition;
  json paths = json::object();
  for (const model::Operation& operation : api.operations) {
    std::string verb = model::to_text(operation.verb);
    std::transform(verb.begin(), verb.end(), verb.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    json described = {{"responses", {{"200", {{"description", "OK"}}}}}};
    if (json parameters = path_parameters(operation.target); !parameters.empty())
      described["parameters"] = std::move(parameters);
    paths[operation.target][verb] = std::move(described);
  }
  const json document = {
      {"openapi", "3.0.1"},
      {"info", {{"title", api.name}, {"version", api.version}, {"description", api.description}}},
      {"servers", {{{"url", "/"}}}},
      {"paths", std::move(paths)}};
  return document.dump(2, ' ', false, json::error_handler_t::replace);
}

json deployment_json(const model::Deployment& deployment) {
  return {{"revisionUuid", deployment.revision_uuid},
          {"name", deployment.environment},
          {"vhost", deployment.vhost},
          {"displayOnDevportal", deployment.shown_in_devportal},
          {"status", "APPROVED"},
          {"deployedTime", time_text(deployment.deployed_ms)},
          {"successDeployedTime", time_text(deployment.deployed_ms)}};
}

json revision_json(const service::revisions::Deployed& deployed) {
  json places = json::array();
  for (const model::Deployment& deployment : deployed.deployments)
    places.push_back(deployment_json(deployment));
  return {{"displayName", fmt::format("Revision {}", deployed.revision.number)},
          {"id", deployed.revision.uuid},
          {"description", deployed.revision.description},
          {"createdTime", time_text(deployed.revision.created_ms)},
          {"apiInfo", {{"id", deployed.revision.api_uuid}}},
          {"deploymentInfo", std::move(places)}};
}

model::Result<std::vector<model::Deployment>> read_deployments(const json& body) {
  constexpr size_t kTargetsMax = 100;
  if (!body.is_array() || body.size() > kTargetsMax) {
    return model::refuse(model::bad_request(
        900700, "The deployment is not valid",
        fmt::format("send a list of at most {} deployments: [{{\"name\": \"Default\", "
                    "\"vhost\": \"localhost\"}}]",
                    kTargetsMax)));
  }
  std::vector<model::Deployment> targets;
  for (size_t i = 0; i < body.size(); ++i) {
    Fields fields(body[i], fmt::format("[{}]", i));
    model::Deployment target;
    target.environment = fields.required_text("name");
    target.vhost = fields.text("vhost");
    target.shown_in_devportal = fields.flag("displayOnDevportal", true);
    CHECK_OR_REFUSE(fields.done("The deployment is not valid"));
    targets.push_back(std::move(target));
  }
  return targets;
}

json lifecycle_json(const service::lifecycle::State& state) {
  json transitions = json::array();
  for (const model::Transition& transition : state.transitions)
    transitions.push_back({{"event", transition.event}, {"targetState", title(transition.target)}});
  json items = json::array();
  const bool can_publish =
      std::any_of(state.transitions.begin(), state.transitions.end(),
                  [](const auto& transition) { return transition.event == "Publish"; });
  if (can_publish) {
    for (const char* name : {"Deprecate old versions after publishing the API",
                             "Requires re-subscription when publishing the API"})
      items.push_back({{"name", name}, {"value", false}, {"requiredStates", {"Published"}}});
  }
  return {{"state", title(state.state)},
          {"checkItems", std::move(items)},
          {"availableTransitions", std::move(transitions)}};
}

json history_json(const std::vector<store::lifecycles::Step>& steps) {
  json list = json::array();
  for (const store::lifecycles::Step& step : steps) {
    list.push_back({{"previousState", title(step.from)},
                    {"postState", title(step.to)},
                    {"event", event_text(step)},
                    {"user", step.user},
                    {"updatedTime", time_text(step.at_ms)}});
  }
  return list;
}

json warnings_json(const std::vector<model::Warning>& warnings) {
  json list = json::array();
  for (const model::Warning& warning : warnings)
    list.push_back({{"field", warning.field}, {"message", warning.message}});
  return list;
}

}  // namespace apim::rest
