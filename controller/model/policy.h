// Policy: throttling policies of every level, and deny conditions (WSO2 admin v4).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/limit.h"

namespace apim::model {

enum class PolicyLevel : uint8_t { Subscription, Application, Advanced };

// One condition of a conditional group; the text fields mean what `kind` says.
struct Condition {
  enum class Kind : uint8_t { Ip, IpRange, Header, QueryParameter, Claim };
  Kind kind = Kind::Ip;
  bool inverted = false;
  std::string name;   // header, parameter or claim; first address of a range
  std::string value;  // address, last address, or regular expression
};

struct ConditionGroup {
  std::string description;
  std::vector<Condition> conditions;  // all must hold
  Limit limit;
};

struct ThrottlePolicy {
  uint32_t id = 0;  // unique over all levels, never reused; 0 = not stored yet
  std::string uuid;
  std::string tenant = "carbon.super";
  PolicyLevel level = PolicyLevel::Subscription;
  std::string name;
  std::string display_name;
  std::string description;
  Limit limit;                         // is_unlimited() for "Unlimited"
  Limit burst;                         // Second or Minute; unlimited = none
  bool stops_on_quota = true;          // subscription level
  bool per_user = false;               // advanced level
  std::string billing_plan = "FREE";   // subscription level
  std::vector<ConditionGroup> groups;  // advanced level
  std::string document;  // JSON as posted: fields kept but not decided by (custom attributes,
                         // monetization, permissions)
};

struct DenyCondition {
  enum class Kind : uint8_t { Api, Application, User, Ip, IpRange };
  uint32_t id = 0;
  std::string uuid;
  std::string tenant = "carbon.super";
  Kind kind = Kind::Api;
  std::string
      value;  // context with version, "owner:app", "user@tenant", address; first address of a range
  std::string last;       // IpRange: last address
  bool inverted = false;  // IpRange
  bool enabled = true;
};

// WSO2's shipped policies (reference 4.4), all levels. Unsaved: ids and uuids are empty.
std::vector<ThrottlePolicy> shipped_policies();

// "Unlimited" and "" stand for no limit at any level.
bool is_unlimited_name(const std::string& policy_name);

}  // namespace apim::model
