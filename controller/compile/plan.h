// Plan: operation policies lowered into the steps a gateway executes.
//
// WSO2's built-in policies that gateways know:
//   addHeader v1-v3, removeHeader v1-v2, addQueryParam v1-v2, rewriteResourcePath v1-v3,
//   changeHTTPMethod v1
// Anything else is a finding: a policy is executed or the API is not served.

#pragma once

#include <string>
#include <vector>

#include "apis_generated.h"
#include "compile/report.h"
#include "model/api.h"

namespace apim::compile {

struct Step {
  fbs::PolicyKind kind = fbs::PolicyKind::None;
  std::string name{};
  std::string value{};
  fbs::Method method = fbs::Method::Get;
  bool keep_query = true;
  friend bool operator==(const Step&, const Step&) = default;
};

struct Plan {
  std::vector<Step> request;   // API level first, then operation level.
  std::vector<Step> response;  // Operation level first, then API level.
  std::vector<Step> fault;     // As response.
};

// `where` of the findings is the operation's; policies of the API are checked by lower_api_plan().
Plan lower_plan(const model::PolicyFlows& of_api, const model::PolicyFlows& of_operation,
                const std::string& where, std::vector<Finding>& findings);

// Findings of the API level's own policies, each once.
void check_api_plan(const model::PolicyFlows& of_api, std::vector<Finding>& findings);

}  // namespace apim::compile
