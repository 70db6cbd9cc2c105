#include "compile/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "compile/apis.h"
#include "compile/limits.h"
#include "compile/routes.h"
#include "compile/text.h"

namespace apim::compile {
namespace {

using Findings = std::vector<Finding>;

void check_vhosts(const model::DeployedApi& deployed, const CheckInput& input, Findings& findings) {
  for (const std::string& vhost : deployed.vhosts) {
    const bool is_known = std::ranges::any_of(
        input.vhosts, [&](const std::string& known) { return to_lower(known) == to_lower(vhost); });
    if (!is_known) {
      findings.push_back({"vhost", fmt::format("'{}' is not a vhost of the environment; it has {}",
                                               vhost, fmt::join(input.vhosts, ", "))});
    }
  }
}

void check_contexts(const model::DeployedApi& deployed, const std::vector<Claim>& claims,
                    const CheckInput& input, Findings& findings) {
  for (const TakenContext& taken : input.taken) {
    if (taken.api_id == deployed.api.id) continue;
    const bool is_claimed = std::ranges::any_of(claims, [&](const Claim& claim) {
      return claim.vhost == taken.vhost && claim.text == taken.context;
    });
    if (is_claimed) {
      findings.push_back({"context", fmt::format("'{}' on vhost '{}' is already taken by API '{}'",
                                                 taken.context, taken.vhost, taken.api)});
    }
  }
}

void check_plans(const model::Api& api, const PolicyIndex& policies, Findings& findings) {
  for (const std::string& plan : api.policies) {
    const auto found = policies.find({api.tenant, model::PolicyLevel::Subscription, plan});
    if (!found.has_value()) findings.push_back({"policies", found.error()});
  }
}

void append_contexts(const model::DeployedApi& deployed, std::vector<TakenContext>& out) {
  Findings ignored;
  for (const Claim& claim : lower_claims(deployed, ignored)) {
    out.push_back({.vhost = claim.vhost,
                   .context = claim.text,
                   .api_id = deployed.api.id,
                   .api = name_of(deployed.api)});
  }
}

}  // namespace

std::vector<Finding> check_api(const model::DeployedApi& deployed, const CheckInput& input) {
  assert(input.policies != nullptr);
  const PolicyIndex policies(*input.policies);
  Findings findings;
  const std::vector<Claim> claims = lower_claims(deployed, findings);
  check_vhosts(deployed, input, findings);
  check_contexts(deployed, claims, input, findings);
  check_plans(deployed.api, policies, findings);
  const auto lowered = lower_api(deployed, policies, input.options);
  if (!lowered.has_value()) {
    findings.insert(findings.end(), lowered.error().begin(), lowered.error().end());
  }
  return findings;
}

std::vector<TakenContext> contexts_of(const model::DeployedApi& deployed) {
  std::vector<TakenContext> out;
  append_contexts(deployed, out);
  return out;
}

std::vector<TakenContext> contexts_of(const model::Catalog& catalog) {
  std::vector<TakenContext> out;
  for (const auto& [id, deployed] : catalog.apis) append_contexts(deployed, out);
  return out;
}

}  // namespace apim::compile
