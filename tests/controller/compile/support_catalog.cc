#include "controller/compile/support_catalog.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace apim::compile::support {

model::Catalog empty_catalog() {
  model::Catalog catalog;
  catalog.environment = "Default";
  catalog.epoch = 7;
  uint32_t id = 0;
  for (model::ThrottlePolicy policy : model::shipped_policies()) {
    policy.id = ++id;
    catalog.policies.emplace(id, policy);
  }
  return catalog;
}

model::Operation operation(model::Verb verb, const std::string& target) {
  model::Operation out;
  out.verb = verb;
  out.target = target;
  return out;
}

model::OperationPolicy policy(const std::string& name, const std::string& version,
                              std::map<std::string, std::string> parameters) {
  return {.name = name, .version = version, .type = "common", .parameters = std::move(parameters)};
}

model::DeployedApi pizza(uint32_t id) {
  model::DeployedApi deployed;
  model::Api& api = deployed.api;
  api.id = id;
  api.uuid = fmt::format("00000000-0000-4000-8000-{:012}", id);
  api.name = id == 1 ? "pizza" : fmt::format("pizza{}", id);
  api.version = "1.0.0";
  api.context = "/" + api.name + "/1.0.0";
  api.context_template = "/" + api.name + "/{version}";
  api.provider = "admin";
  api.lifecycle = model::Lifecycle::Published;
  api.policies = {"Gold", "Unlimited"};
  api.security = {.oauth2 = false, .api_key = true};
  api.operations = {operation(model::Verb::Get, "/menu")};
  api.production =
      model::EndpointGroup{.endpoints = {{.url = "http://backend:8080/base/", .tuning = {}}}};
  deployed.revision_number = 1;
  deployed.vhosts = {"localhost"};
  return deployed;
}

model::Application application(uint32_t id) {
  model::Application out;
  out.id = id;
  out.uuid = fmt::format("00000000-0000-4000-9000-{:012}", id);
  out.owner = "alice";
  out.name = fmt::format("app{}", id);
  return out;
}

model::Subscription subscription(uint32_t application_id, uint32_t api_id,
                                 const std::string& tier) {
  model::Subscription out;
  out.api_uuid = fmt::format("api-{}", api_id);
  out.api_id = api_id;
  out.application_id = application_id;
  out.throttling_policy = tier;
  return out;
}

model::ApiKey key(uint32_t application_id, const std::string& text) {
  model::ApiKey out;
  out.uuid = "key-" + text;
  out.name = text;
  out.digest = sha256(text);
  out.application_id = application_id;
  out.application_uuid = fmt::format("application-{}", application_id);
  return out;
}

model::DenyCondition deny(model::DenyCondition::Kind kind, const std::string& value,
                          const std::string& last) {
  model::DenyCondition out;
  out.uuid = "deny-" + value;
  out.kind = kind;
  out.value = value;
  out.last = last;
  return out;
}

uint32_t policy_id(const model::Catalog& catalog, model::PolicyLevel level,
                   const std::string& name) {
  for (const auto& [id, policy] : catalog.policies) {
    if (policy.level == level && policy.name == name) return id;
  }
  ADD_FAILURE() << "no policy " << name;
  return 0;
}

void Files::add(const Compiled& compiled) {
  for (const SegmentFile& file : compiled.fresh) bytes_[file.ref.digest] = file.bytes;
}

SegmentReader Files::reader() const {
  return [this](const SegmentRef& ref) {
    const auto found = bytes_.find(ref.digest);
    return found == bytes_.end() ? std::string() : found->second;
  };
}

nlohmann::json dumped(const model::Catalog& catalog) {
  const Compiled compiled = compile(catalog, {.now_s = kNow});
  Files files;
  files.add(compiled);
  auto out = dump(compiled.content, files.reader());
  if (out.has_value()) return *out;
  ADD_FAILURE() << out.error();
  return {};
}

std::vector<std::string> lines_of(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const Finding& finding : findings) lines.push_back(finding.where + ": " + finding.message);
  return lines;
}

std::vector<std::string> findings_of(const model::DeployedApi& deployed) {
  const model::Catalog catalog = empty_catalog();
  const CheckInput input{
      .policies = &catalog.policies, .vhosts = {"localhost"}, .taken = {}, .options = {}};
  return lines_of(check_api(deployed, input));
}

}  // namespace apim::compile::support
