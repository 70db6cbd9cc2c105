#include "compile/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <string_view>

#include "compile/text.h"

namespace apim::compile {
namespace {

using model::Flow;
using model::OperationPolicy;
using Lowered = std::expected<Step, std::string>;

constexpr size_t kValueBytesMax = 4'096;
constexpr size_t kHeaderEditsMax = 27;  // A gateway's room less its own; it refuses longer plans.

// Headers that frame the message or belong to one connection: the gateway's own business.
constexpr std::array<std::string_view, 12> kReservedHeaders{"connection",
                                                            "keep-alive",
                                                            "proxy-connection",
                                                            "proxy-authenticate",
                                                            "te",
                                                            "trailer",
                                                            "transfer-encoding",
                                                            "proxy-authorization",
                                                            "upgrade",
                                                            "content-length",
                                                            "host",
                                                            "expect"};

// Marks of Synapse expressions, which only Synapse can evaluate.
constexpr std::array<std::string_view, 5> kExpressions{"{uri.var.", "get-property(", "$ctx:", "${",
                                                       "$trp:"};

std::string_view flow_text(Flow flow) {
  switch (flow) {
    case Flow::Request: return "request";
    case Flow::Response: return "response";
    case Flow::Fault: return "fault";
  }
  return "unknown";
}

// A parameter that must be there and be plain text.
std::expected<std::string, std::string> required(const OperationPolicy& policy,
                                                 const std::string& name) {
  const auto found = policy.parameters.find(name);
  if (found == policy.parameters.end() || found->second.empty()) {
    return std::unexpected(fmt::format("its parameter '{}' is missing", name));
  }
  const std::string& value = found->second;
  if (value.size() > kValueBytesMax) {
    return std::unexpected(
        fmt::format("its parameter '{}' is longer than {} bytes", name, kValueBytesMax));
  }
  for (const std::string_view mark : kExpressions) {
    if (value.find(mark) != std::string::npos) {
      return std::unexpected(
          fmt::format("its parameter '{}' has the expression '{}', which gateways do not evaluate",
                      name, mark));
    }
  }
  return value;
}

std::expected<std::string, std::string> header_name(const OperationPolicy& policy) {
  auto name = required(policy, "headerName");
  if (!name.has_value()) return name;
  if (!is_token(*name)) {
    return std::unexpected(fmt::format("'{}' is not the name of a header", *name));
  }
  if (std::ranges::find(kReservedHeaders, to_lower(*name)) != kReservedHeaders.end()) {
    return std::unexpected(fmt::format("the header '{}' is the gateway's own to set", *name));
  }
  return name;
}

Lowered lower_add_header(const OperationPolicy& policy) {
  auto name = header_name(policy);
  if (!name.has_value()) return std::unexpected(name.error());
  auto value = required(policy, "headerValue");
  if (!value.has_value()) return std::unexpected(value.error());
  if (!is_header_value(*value)) {
    return std::unexpected(
        fmt::format("the value of the header '{}' has control bytes or blanks at an end", *name));
  }
  return Step{.kind = fbs::PolicyKind::SetHeader, .name = *name, .value = *value};
}

Lowered lower_remove_header(const OperationPolicy& policy) {
  auto name = header_name(policy);
  if (!name.has_value()) return std::unexpected(name.error());
  return Step{.kind = fbs::PolicyKind::RemoveHeader, .name = *name};
}

Lowered lower_add_query(const OperationPolicy& policy) {
  const auto key = required(policy, "paramKey");
  if (!key.has_value()) return std::unexpected(key.error());
  const auto value = required(policy, "paramValue");
  if (!value.has_value()) return std::unexpected(value.error());
  return Step{.kind = fbs::PolicyKind::AddQuery,
              .name = percent_encode(*key),
              .value = percent_encode(*value)};
}

// "True", "true", "" (the default); nothing when it is neither yes nor no.
std::optional<bool> parse_flag(const OperationPolicy& policy, const std::string& name) {
  const auto found = policy.parameters.find(name);
  if (found == policy.parameters.end() || found->second.empty()) return true;
  const std::string text = to_lower(found->second);
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

Lowered lower_rewrite(const OperationPolicy& policy) {
  const auto value = required(policy, "newResourcePath");
  if (!value.has_value()) return std::unexpected(value.error());
  const auto path = canonical_path(*value);
  if (!path.has_value()) {
    return std::unexpected(fmt::format("its newResourcePath '{}' {}", *value, path.error()));
  }
  const std::optional<bool> keep_query = parse_flag(policy, "includeQueryParams");
  if (!keep_query.has_value()) {
    return std::unexpected("its includeQueryParams is neither 'True' nor 'False'");
  }
  // A slash at the end means something to backends; canonical_path() is for matching and drops it.
  const bool ends_with_slash = value->ends_with('/') && *path != "/";
  return Step{.kind = fbs::PolicyKind::RewritePath,
              .value = ends_with_slash ? *path + "/" : *path,
              .keep_query = *keep_query};
}

Lowered lower_method(const OperationPolicy& policy) {
  const auto value = required(policy, "httpMethod");
  if (!value.has_value()) return std::unexpected(value.error());
  constexpr std::array<std::string_view, 8> kMethods{"get",    "head",  "post",    "put",
                                                     "delete", "patch", "options", "trace"};
  const auto* const found = std::ranges::find(kMethods, to_lower(*value));
  if (found == kMethods.end()) {
    return std::unexpected(fmt::format("'{}' is not an HTTP method", *value));
  }
  return Step{.kind = fbs::PolicyKind::SetMethod,
              .method = static_cast<fbs::Method>(found - kMethods.begin())};
}

struct Known {
  std::string_view name;
  uint32_t version_max;  // v1 up to this one.
  bool request_only;
  Lowered (*lower)(const OperationPolicy&);
};

constexpr std::array<Known, 5> kKnown{{{"addHeader", 3, false, &lower_add_header},
                                       {"removeHeader", 2, false, &lower_remove_header},
                                       {"addQueryParam", 2, true, &lower_add_query},
                                       {"rewriteResourcePath", 3, true, &lower_rewrite},
                                       {"changeHTTPMethod", 1, true, &lower_method}}};

Lowered lower(const OperationPolicy& policy, Flow flow) {
  if (!policy.type.empty() && policy.type != "common") {
    return std::unexpected("it is defined by the API itself; gateways only execute built-in ones");
  }
  const auto* const known = std::ranges::find(kKnown, policy.name, &Known::name);
  if (known == kKnown.end()) return std::unexpected("gateways cannot execute it");
  const bool is_version = policy.version.size() == 2 && policy.version[0] == 'v' &&
                          policy.version[1] >= '1' &&
                          policy.version[1] <= static_cast<char>('0' + known->version_max);
  if (!is_version) {
    return std::unexpected(
        fmt::format("gateways execute versions v1 to v{} of it", known->version_max));
  }
  if (known->request_only && flow != Flow::Request) {
    return std::unexpected("it only makes sense in the request flow");
  }
  return known->lower(policy);
}

struct Target {
  const std::string& where;
  std::vector<Finding>* findings_or_null;
};

void append(const std::vector<OperationPolicy>& policies, Flow flow, const Target& target,
            std::vector<Step>& steps) {
  for (const OperationPolicy& policy : policies) {
    Lowered step = lower(policy, flow);
    if (step.has_value()) {
      steps.push_back(std::move(*step));
    } else if (target.findings_or_null != nullptr) {
      target.findings_or_null->push_back(
          {target.where, fmt::format("the policy {} {} in the {} flow cannot be executed: {}",
                                     policy.name, policy.version, flow_text(flow), step.error())});
    }
  }
}

bool edits_header(const Step& step) {
  return step.kind == fbs::PolicyKind::SetHeader || step.kind == fbs::PolicyKind::RemoveHeader;
}

void check_length(const std::vector<Step>& steps, Flow flow, const std::string& where,
                  std::vector<Finding>& findings) {
  const auto edits = static_cast<size_t>(std::ranges::count_if(steps, &edits_header));
  if (edits <= kHeaderEditsMax) return;
  findings.push_back(
      {where, fmt::format("{} policies change headers in the {} flow, the API's included; gateways "
                          "execute at most {}",
                          edits, flow_text(flow), kHeaderEditsMax)});
}

}  // namespace

Plan lower_plan(const model::PolicyFlows& of_api, const model::PolicyFlows& of_operation,
                const std::string& where, std::vector<Finding>& findings) {
  Plan plan;
  const Target outer{where, nullptr};  // check_api_plan() reports these once, not per operation.
  const Target inner{where, &findings};
  append(of_api.request, Flow::Request, outer, plan.request);
  append(of_operation.request, Flow::Request, inner, plan.request);
  append(of_operation.response, Flow::Response, inner, plan.response);
  append(of_api.response, Flow::Response, outer, plan.response);
  append(of_operation.fault, Flow::Fault, inner, plan.fault);
  append(of_api.fault, Flow::Fault, outer, plan.fault);
  check_length(plan.request, Flow::Request, where, findings);
  check_length(plan.response, Flow::Response, where, findings);
  check_length(plan.fault, Flow::Fault, where, findings);
  return plan;
}

void check_api_plan(const model::PolicyFlows& of_api, std::vector<Finding>& findings) {
  const std::string where = "apiPolicies";
  const Target target{where, &findings};
  std::vector<Step> ignored;
  append(of_api.request, Flow::Request, target, ignored);
  append(of_api.response, Flow::Response, target, ignored);
  append(of_api.fault, Flow::Fault, target, ignored);
}

}  // namespace apim::compile
