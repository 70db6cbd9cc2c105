#include "import/policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "model/field.h"

namespace apim::import {
namespace {

enum Flow : uint8_t { kRequest = 1, kResponse = 2, kFault = 4 };

struct BuiltIn {
  const char* name;
  uint8_t flows;
};

constexpr std::array<BuiltIn, 34> kBuiltIns{{
    {"addHeader", kRequest | kResponse | kFault},
    {"removeHeader", kRequest | kResponse | kFault},
    {"addQueryParam", kRequest},
    {"rewriteResourcePath", kRequest},
    {"changeHTTPMethod", kRequest},
    {"setToHeader", kRequest},
    {"setToHeaderWS", kRequest},
    {"jsonToXML", kRequest | kResponse},
    {"xmlToJson", kRequest | kResponse},
    {"jsonFault", kFault},
    {"debugJsonFault", kFault},
    {"addLogMessage", kRequest | kResponse | kFault},
    {"debugRequestFlow", kRequest | kResponse | kFault},
    {"debugResponseFlow", kRequest | kResponse | kFault},
    {"applyAcceptHeader", kRequest | kResponse | kFault},
    {"preserveAcceptHeader", kRequest | kResponse | kFault},
    {"disableChunking", kRequest | kResponse | kFault},
    {"jsonValidator", kRequest},
    {"xmlValidator", kRequest},
    {"regexPolicy", kRequest},
    {"opaPolicy", kRequest},
    {"jwtClaimBasedAccessValidator", kRequest},
    {"validateCsrfCookie", kRequest},
    {"revokeOneTimeToken", kRequest},
    {"modelRoundRobin", kRequest},
    {"modelWeightedRoundRobin", kRequest},
    {"modelFailover", kRequest},
    {"backEndJWT", kRequest},
    {"apkAddHeader", kRequest | kResponse},
    {"apkRemoveHeader", kRequest | kResponse},
    {"apkMirrorRequest", kRequest},
    {"apkRedirectRequest", kRequest},
    {"apkCallInterceptorService", kRequest | kResponse},
    {"ccAddHeader", kRequest | kResponse},
}};

const BuiltIn* find_built_in(const std::string& name) {
  const auto found = std::find_if(kBuiltIns.begin(), kBuiltIns.end(),
                                  [&](const BuiltIn& policy) { return name == policy.name; });
  return found == kBuiltIns.end() ? nullptr : &*found;
}

// "Policies/stamp_v1.j2", or "" when the project does not define it.
std::string definition_of(const model::OperationPolicy& policy, const Files& files) {
  for (const std::string& stem : {policy.name + "_" + policy.version + "_" + policy.type,
                                  policy.name + "_" + policy.version}) {
    for (const char* const ending : {".j2", ".xml", ".gotmpl", ".yaml", ".yml", ".json"}) {
      const std::string path = "Policies/" + stem + ending;
      if (files.contains(path)) return path;
    }
  }
  return "";
}

class Checker {
 public:
  Checker(const Files& files, const TreeLocator& locator, Gather& gather)
      : files_(files), locator_(locator), gather_(gather) {}

  void check(const model::PolicyFlows& flows, const std::string& pointer) {
    check(flows.request, pointer + "/request", kRequest, "request");
    check(flows.response, pointer + "/response", kResponse, "response");
    check(flows.fault, pointer + "/fault", kFault, "fault");
  }

 private:
  void check(const std::vector<model::OperationPolicy>& policies, const std::string& pointer,
             Flow flow, const char* flow_name) {
    for (size_t i = 0; i < policies.size(); ++i) {
      const std::string at = fmt::format("{}/{}/policyName", pointer, i);
      const std::string why = why_not(policies[i], flow, flow_name);
      if (why.empty()) continue;
      gather_.refuse(
          locator_.locate(at) + "data." + model::dotted(at),
          fmt::format("policy {} {} {}", model::shown(policies[i].name), policies[i].version, why));
    }
  }

  std::string why_not(const model::OperationPolicy& policy, Flow flow,
                      const char* flow_name) const {
    const BuiltIn* const built_in = find_built_in(policy.name);
    const std::string definition = definition_of(policy, files_);
    if (built_in == nullptr && !definition.empty()) {
      return fmt::format(
          "is the project's own ({}); the gateway runs no policy templates, only API "
          "Manager's built-in policies",
          definition);
    }
    if (built_in == nullptr) {
      return "is neither one of API Manager's built-in policies nor defined in Policies/";
    }
    if (policy.type == "api") {
      return "is of type api: the API's own version of a built-in policy, which the gateway cannot "
             "run; "
             "use type common";
    }
    if ((built_in->flows & flow) == 0) {
      return fmt::format("cannot stand in the {} flow", flow_name);
    }
    return "";
  }

  const Files& files_;
  const TreeLocator& locator_;
  Gather& gather_;
};

}  // namespace

void check_policies(const model::Api& api, const Files& files, const TreeLocator& locator,
                    Gather& gather) {
  Checker checker(files, locator, gather);
  checker.check(api.policies_of_api, "/apiPolicies");
  for (size_t i = 0; i < api.operations.size(); ++i) {
    checker.check(api.operations[i].policies, fmt::format("/operations/{}/operationPolicies", i));
  }
}

}  // namespace apim::import
