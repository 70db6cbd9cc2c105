#include "import/defined_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace apim::import {
namespace {

using Json = nlohmann::ordered_json;

bool is_true(const Json& value) { return value.is_boolean() && value.get<bool>(); }

// "a, b" or [a, b].
std::vector<std::string> names_of(const Json& value) {
  std::vector<std::string> result;
  if (value.is_array()) {
    for (const Json& item : value) {
      if (item.is_string()) result.push_back(item.get<std::string>());
    }
  } else if (value.is_string()) {
    const std::string text = value.get<std::string>();
    for (size_t begin = 0; begin <= text.size();) {
      const size_t end = std::min(text.find(',', begin), text.size());
      const size_t first = text.find_first_not_of(' ', begin);
      const size_t last = text.find_last_not_of(' ', end == 0 ? 0 : end - 1);
      if (first < end) result.push_back(text.substr(first, last - first + 1));
      begin = end + 1;
    }
  }
  return result;
}

const Json& schemes_of(const Definition& definition) {
  if (definition.is_swagger2) return member(definition.root(), "securityDefinitions");
  return member(member(definition.root(), "components"), "securitySchemes");
}

bool is_oauth2(const Definition& definition, const std::string& scheme) {
  const Json& type = member(member(schemes_of(definition), scheme), "type");
  return type.is_string() && type.get<std::string>() == "oauth2";
}

void add(std::vector<std::string>& names, const std::string& name) {
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
    names.push_back(name);
}

std::vector<std::string> scopes_of(const Definition& definition, const Json& operation) {
  std::vector<std::string> result;
  for (const std::string& name : names_of(member(operation, "x-scope"))) add(result, name);
  const Json& own = member(operation, "security");
  const Json& security = own.is_null() ? member(definition.root(), "security") : own;
  if (!security.is_array()) return result;
  for (const Json& requirement : security) {
    if (!requirement.is_object()) continue;
    for (const auto& [scheme, scopes] : requirement.items()) {
      if (!is_oauth2(definition, scheme)) continue;
      for (const std::string& name : names_of(scopes)) add(result, name);
    }
  }
  return result;
}

// The object a path's operation stands in may carry the extension for all of them.
bool is_open(const Definition& definition, const DefinedOperation& operation) {
  if (is_true(member(definition.root(), "x-wso2-disable-security"))) return true;
  if (is_true(member(*operation.value, "x-wso2-disable-security"))) return true;
  const Json& path = member(member(definition.root(), "paths"), operation.target);
  return is_true(member(path, "x-wso2-disable-security"));
}

nlohmann::json or_else(const Json& value, const char* fallback) {
  return value.is_null() ? nlohmann::json(fallback) : nlohmann::json(value);
}

// Scopes gathered by name; the first that describes one wins, the next fill what it left out.
class Scopes {
 public:
  void describe(const std::string& name, const char* field, const nlohmann::json& value) {
    if (name.empty()) return;
    const bool is_new = std::none_of(list_.begin(), list_.end(), [&](const auto& scope) {
      return scope["scope"]["name"] == name;
    });
    if (is_new) {
      list_.push_back(
          {{"scope",
            {{"name", name}, {"displayName", name}, {"bindings", nlohmann::json::array()}}},
           {"shared", false}});
    }
    if (value.is_null()) return;
    for (auto& scope : list_) {
      if (scope["scope"]["name"] == name) scope["scope"][field] = value;
    }
  }
  nlohmann::json take() { return std::move(list_); }

 private:
  nlohmann::json list_ = nlohmann::json::array();
};

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

// [{name, key, description, roles: "a,b"}]
void read_wso2_scopes(const Json& list, Scopes& scopes) {
  if (!list.is_array()) return;
  for (const Json& item : list) {
    const std::string key = text_of(member(item, "key"));
    const std::string name = key.empty() ? text_of(member(item, "name")) : key;
    scopes.describe(name, "displayName", nlohmann::json(member(item, "name")));
    scopes.describe(name, "description", nlohmann::json(member(item, "description")));
    const auto roles = names_of(member(item, "roles"));
    if (!roles.empty()) scopes.describe(name, "bindings", roles);
  }
}

void read_flow(const Json& flow, Scopes& scopes) {
  const Json& names = member(flow, "scopes");
  if (!names.is_object()) return;
  for (const auto& [name, description] : names.items()) {
    scopes.describe(name, "description",
                    description.is_string() ? nlohmann::json(description) : nlohmann::json());
    const auto roles = names_of(member(member(flow, "x-scopes-bindings"), name));
    if (!roles.empty()) scopes.describe(name, "bindings", roles);
  }
}

}  // namespace

nlohmann::json operations_document(const Definition& definition) {
  nlohmann::json result = nlohmann::json::array();
  for (const DefinedOperation& operation : definition.operations) {
    const Json& value = *operation.value;
    result.push_back(
        {{"target", operation.target},
         {"verb", operation.verb},
         {"authType", is_open(definition, operation) ? nlohmann::json("None")
                                                     : or_else(member(value, "x-auth-type"),
                                                               "Application & Application User")},
         {"throttlingPolicy", or_else(member(value, "x-throttling-tier"), "Unlimited")},
         {"scopes", scopes_of(definition, value)}});
  }
  return result;
}

void locate_operations(const Definition& definition, const std::string& pointer,
                       TreeLocator& locator) {
  for (size_t i = 0; i < definition.operations.size(); ++i) {
    const std::string at = fmt::format("{}/{}", pointer, i);
    const std::string& from = definition.operations[i].pointer;
    locator.replace(at, definition.tree, from);
    locator.replace(at + "/authType", definition.tree, from + "/x-auth-type");
    locator.replace(at + "/throttlingPolicy", definition.tree, from + "/x-throttling-tier");
    locator.replace(at + "/scopes", definition.tree, from + "/security");
  }
}

nlohmann::json scopes_document(const Definition& definition) {
  Scopes scopes;
  const Json& root = definition.root();
  read_wso2_scopes(member(member(member(root, "x-wso2-security"), "apim"), "x-wso2-scopes"),
                   scopes);
  read_wso2_scopes(member(root, "x-wso2-scopes"), scopes);
  if (const Json& schemes = schemes_of(definition); schemes.is_object()) {
    for (const auto& [name, scheme] : schemes.items()) {
      if (!is_oauth2(definition, name)) continue;
      read_flow(scheme, scopes);  // Swagger 2.0 has the flow here
      const Json& flows = member(scheme, "flows");
      if (!flows.is_object()) continue;
      for (const auto& [kind, flow] : flows.items()) read_flow(flow, scopes);
    }
  }
  for (const DefinedOperation& operation : definition.operations) {
    for (const std::string& name : scopes_of(definition, *operation.value)) {
      scopes.describe(name, "displayName", nullptr);
    }
  }
  return scopes.take();
}

}  // namespace apim::import
