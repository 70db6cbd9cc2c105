#include "model/operation_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "model/api_codec.h"
#include "model/ascii.h"

namespace apim::model {
namespace {

constexpr size_t kTargetBytesMax = 1'024;
constexpr size_t kPoliciesPerFlowMax = 64;
constexpr TextBounds kPolicyNameBounds{.bytes_min = 1, .bytes_max = 255};
constexpr TextBounds kParameterBounds{.bytes_max = 16'384, .many_lines = true};

// `inside` is what stands between '{' and '}'.
std::string why_not_variable(std::string_view inside, std::set<std::string, std::less<>>& seen) {
  const std::string_view name = inside.starts_with('+') ? inside.substr(1) : inside;
  if (name.empty()) return "has a template variable without a name ('{}')";
  for (const char c : name) {
    if (!is_alphanumeric(c) && c != '_' && c != '-') {
      return fmt::format(
          "has a template variable whose name is not made of letters, digits, '_' and '-': "
          "'{{{}}}'",
          inside);
    }
  }
  if (!seen.emplace(name).second)
    return fmt::format("uses the template variable '{{{}}}' twice", name);
  return "";
}

std::string why_not_character(std::string_view target, size_t at) {
  const char c = target[at];
  if (c == '%') {
    const bool encoded =
        at + 2 < target.size() && hex_value(target[at + 1]) >= 0 && hex_value(target[at + 2]) >= 0;
    return encoded ? "" : "has a '%' that is not followed by two hexadecimal digits";
  }
  if (c == '?') return "has a query part; declare the path only";
  if (is_alphanumeric(c) ||
      std::string_view("-._~!$&'()*+,;=:@/").find(c) != std::string_view::npos) {
    return "";
  }
  if (c > ' ' && c < 0x7f) return fmt::format("has the character '{}', which no path has", c);
  return "has a space, a control character or a character outside of ASCII; percent-encode it";
}

// '*' is the whole last segment, or begins the only one: "/a/*", "/*.ext".
bool is_star_in_place(std::string_view target, size_t at) {
  if (target[at - 1] != '/') return false;
  if (at + 1 == target.size()) return true;
  return at == 1 && target[2] == '.' && target.size() > 3 &&
         target.find_first_of("/*{", 2) == std::string_view::npos;
}

std::string why_not_segments(std::string_view target) {
  for (size_t begin = 0; begin < target.size();) {
    const size_t end = std::min(target.find('/', begin + 1), target.size());
    const std::string_view segment = target.substr(begin + 1, end - begin - 1);
    if (segment.empty() && end < target.size()) return "has an empty segment ('//')";
    if (segment == "." || segment == "..") return "has '.' or '..' as a segment";
    begin = end;
  }
  return "";
}

OperationPolicy read_policy(const Field& field) {
  OperationPolicy policy;
  if (!field.is_object()) {
    field.refuse("must be an object with policyName and parameters");
    return policy;
  }
  if (!field["policyName"].present())
    field["policyName"].refuse("is missing: the policy has no name");
  policy.name = field["policyName"].text("", kPolicyNameBounds);
  policy.version = field["policyVersion"].text("v1", kPolicyNameBounds);
  policy.type = field["policyType"].text("common", kPolicyNameBounds);
  if (policy.type != "common" && policy.type != "api") {
    field["policyType"].refuse(fmt::format("is {}; it must be common or api", shown(policy.type)));
  }
  field["policyId"].text("");
  for (const auto& [name, value] : field["parameters"].members()) {
    if (!value.present()) continue;
    if (value.value().is_boolean()) {
      policy.parameters[name] = value.value().get<bool>() ? "true" : "false";
    } else {
      policy.parameters[name] = value.text("", kParameterBounds);
    }
  }
  return policy;
}

std::vector<OperationPolicy> read_flow(const Field& list) {
  std::vector<OperationPolicy> result;
  for (const Field& item : list.items()) result.push_back(read_policy(item));
  if (result.size() > kPoliciesPerFlowMax) {
    list.refuse(
        fmt::format("has {} policies; at most {} are allowed", result.size(), kPoliciesPerFlowMax));
  }
  return result;
}

nlohmann::json write_flow(const std::vector<OperationPolicy>& flow) {
  nlohmann::json result = nlohmann::json::array();
  for (const OperationPolicy& policy : flow) {
    result.push_back({{"policyName", policy.name},
                      {"policyVersion", policy.version},
                      {"policyType", policy.type},
                      {"parameters", policy.parameters}});
    if (policy.parameters.empty()) result.back()["parameters"] = nlohmann::json::object();
  }
  return result;
}

AuthType read_auth(const Field& field) {
  static const std::map<std::string, AuthType> known = {
      {"", AuthType::Any},
      {"Any", AuthType::Any},
      {"Application & Application User", AuthType::Any},
      {"Application", AuthType::Application},
      {"Application User", AuthType::ApplicationUser},
      {"Application_User", AuthType::ApplicationUser},
      {"None", AuthType::None}};
  const std::string text = field.text("Any");
  const auto found = known.find(text);
  if (found != known.end()) return found->second;
  field.refuse(
      fmt::format("is {}; it must be 'Application & Application User', 'Application', "
                  "'Application User' or 'None'",
                  shown(text)));
  return AuthType::Any;
}

// Not a fallback: an operation without a verb answers nothing.
Verb read_verb(const Field& field) {
  if (!field.present()) {
    field.refuse("is missing: an operation needs an HTTP method");
    return Verb::Get;
  }
  const std::string text = field.text("GET");
  if (const auto verb = parse_verb(text)) return *verb;
  field.refuse(fmt::format(
      "is {}; it must be GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS or TRACE", shown(text)));
  return Verb::Get;
}

Operation read_operation(const Field& field) {
  Operation operation;
  const Field target = field["target"];
  if (!target.present()) {
    target.refuse("is missing: an operation needs a path such as /order/{orderId}");
  } else {
    operation.target = target.text("", {.bytes_max = kTargetBytesMax});
    if (const std::string why = why_not_target(operation.target);
        !why.empty() && target.is_text()) {
      target.refuse(fmt::format("{} {}", shown(operation.target), why));
    }
  }
  operation.verb = read_verb(field["verb"]);
  operation.auth = read_auth(field["authType"]);
  operation.throttling_policy = field["throttlingPolicy"].text("Unlimited", {.bytes_max = 255});
  operation.scopes = field["scopes"].texts({}, kPolicyNameBounds);
  operation.policies = read_flows(field["operationPolicies"]);
  field["id"].text("");
  field["usedProductIds"].texts({});
  return operation;
}

// "/a/{x}/b" and "/a/{y}/b" have one shape.
std::string shape_of(const std::string& target) {
  std::string result;
  bool inside = false;
  for (const char c : target) {
    if (c == '}') inside = false;
    if (!inside) result += c;
    if (c == '{') inside = true;
  }
  return result;
}

struct Seen {
  size_t index;
  std::string target;
};

void refuse_duplicates(const std::vector<Field>& fields, const std::vector<Operation>& operations) {
  std::map<std::pair<Verb, std::string>, Seen> seen;
  for (size_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    const auto [place, added] =
        seen.try_emplace({operation.verb, shape_of(operation.target)}, Seen{i, operation.target});
    if (added || operation.target.empty()) continue;
    const std::string what = to_text(operation.verb) + " " + operation.target;
    if (place->second.target == operation.target) {
      fields[i].refuse(
          fmt::format("repeats {}, which is operations[{}] already", what, place->second.index));
    } else {
      fields[i]["target"].warn(
          fmt::format("{} is never reached: operations[{}] ({}) answers the same paths", what,
                      place->second.index, place->second.target));
    }
  }
}

const nlohmann::json* find_operation(const nlohmann::json& list, const Operation& operation) {
  if (!list.is_array()) return nullptr;
  for (const auto& item : list) {
    if (item.is_object() && item.value("target", nlohmann::json()) == operation.target &&
        item.value("verb", nlohmann::json()) == to_text(operation.verb)) {
      return &item;
    }
  }
  return nullptr;
}

}  // namespace

std::string why_not_target(const std::string& target) {
  if (!target.starts_with('/')) return "does not begin with '/'";
  std::set<std::string, std::less<>> variables;
  for (size_t i = 0; i < target.size(); ++i) {
    if (target[i] == '}') return "has '}' without '{'";
    if (target[i] == '{') {
      const size_t close = target.find_first_of("{}/", i + 1);
      if (close == std::string::npos || target[close] != '}') {
        return "has '{' without '}' in the same segment";
      }
      const std::string_view inside = std::string_view(target).substr(i + 1, close - i - 1);
      if (std::string why = why_not_variable(inside, variables); !why.empty()) return why;
      if (inside.starts_with('+') && (target[i - 1] != '/' || close + 1 != target.size())) {
        return fmt::format("has '{{{}}}' elsewhere than as its whole last segment", inside);
      }
      if (close + 1 < target.size() && target[close + 1] == '{') {
        return "has two template variables with nothing between them";
      }
      i = close;
      continue;
    }
    if (target[i] == '*' && !is_star_in_place(target, i)) {
      return "has '*' in the middle; it may end the path ('/a/*') or stand for a name ('/*.xml')";
    }
    if (std::string why = why_not_character(target, i); !why.empty()) return why;
  }
  return why_not_segments(target);
}

std::vector<Operation> read_operations(const Field& operations) {
  std::vector<Operation> result;
  const std::vector<Field> fields = operations.items();
  for (const Field& field : fields) {
    if (!field.is_object()) field.refuse("must be an object with target and verb");
    result.push_back(field.is_object() ? read_operation(field) : Operation{});
  }
  refuse_duplicates(fields, result);
  return result;
}

nlohmann::json write_operations(const std::vector<Operation>& operations,
                                const nlohmann::json& before) {
  nlohmann::json result = nlohmann::json::array();
  for (const Operation& operation : operations) {
    const nlohmann::json* const found = find_operation(before, operation);
    nlohmann::json item =
        found != nullptr ? *found
                         : nlohmann::json{{"id", ""}, {"usedProductIds", nlohmann::json::array()}};
    item["target"] = operation.target;
    item["verb"] = to_text(operation.verb);
    item["authType"] = to_text(operation.auth);
    item["throttlingPolicy"] = operation.throttling_policy;
    item["scopes"] = operation.scopes;
    item["operationPolicies"] = write_flows(operation.policies);
    result.push_back(std::move(item));
  }
  return result;
}

PolicyFlows read_flows(const Field& flows) {
  PolicyFlows result;
  if (!flows.present()) return result;
  if (!flows.is_object()) {
    flows.refuse("must be an object with the lists request, response and fault");
    return result;
  }
  result.request = read_flow(flows["request"]);
  result.response = read_flow(flows["response"]);
  result.fault = read_flow(flows["fault"]);
  return result;
}

nlohmann::json write_flows(const PolicyFlows& flows) {
  return {{"request", write_flow(flows.request)},
          {"response", write_flow(flows.response)},
          {"fault", write_flow(flows.fault)}};
}

}  // namespace apim::model
