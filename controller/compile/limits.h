// Limits: throttling policies by name for those who refer to them, and the `limits` segment.
//
// A policy that no gateway enforces yet may exist; it is left out of the
// segment, and whoever refers to it is told why.

#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "common_generated.h"
#include "compile/report.h"
#include "model/policy.h"

namespace apim::compile {

// "subscription", "application", "advanced"
std::string_view to_text(model::PolicyLevel level);

// Tenant, level and name of a policy: what a reference consists of.
struct PolicyName {
  std::string tenant;
  model::PolicyLevel level = model::PolicyLevel::Subscription;
  std::string name;
  friend auto operator<=>(const PolicyName&, const PolicyName&) = default;
};

class PolicyIndex {
 public:
  PolicyIndex() = default;
  explicit PolicyIndex(const std::map<uint32_t, model::ThrottlePolicy>& policies);

  // The id to refer to it by; 0 for a name that stands for no limit. The error says why not.
  std::expected<uint32_t, std::string> find(const PolicyName& name) const;

  // Names whose answer differs between the two.
  std::vector<PolicyName> differing(const PolicyIndex& other) const;

 private:
  struct Entry {
    uint32_t id = 0;
    std::string why_not;  // Empty: enforced.
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::map<PolicyName, Entry> entries_;
};

// Why gateways do not enforce a limit; empty: they do.
std::string why_not_limit(const model::Limit& limit);

fbs::Limit to_fbs(const model::Limit& limit);

// The payload of the `limits` segment. Deny conditions that cannot be read go to `findings`,
// and standing policies that are left out.
std::string build_limits(const std::map<uint32_t, model::ThrottlePolicy>& policies,
                         const std::vector<model::DenyCondition>& denies,
                         std::vector<Finding>& findings);

}  // namespace apim::compile
