// Check: whether an API, a policy reference or a deny condition would compile, asked before it is
// accepted.
//
// The same lowering code as the compiler's, so that what is accepted here is never quarantined
// there.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compile/compile.h"
#include "compile/report.h"
#include "model/catalog.h"

namespace apim::compile {

// A context that is taken on a vhost, and by whom.
struct TakenContext {
  std::string vhost;
  std::string context;  // as routed: "/pizza/1.0.0", or "/pizza" of a default version
  uint32_t api_id = 0;
  std::string api;  // "pizza 1.0.0"
};

struct CheckInput {
  const std::map<uint32_t, model::ThrottlePolicy>* policies = nullptr;  // by id
  std::vector<std::string> vhosts;                                      // of the environment
  std::vector<TakenContext> taken;  // by other APIs; those of the API itself are ignored
  Options options;
};

// Every reason why this deployment would not be served. Empty: it compiles.
std::vector<Finding> check_api(const model::DeployedApi& deployed, const CheckInput& input);

// The contexts an API takes, for CheckInput::taken: one per vhost, two when it is a default
// version.
std::vector<TakenContext> contexts_of(const model::DeployedApi& deployed);

// Every context taken in a catalog.
std::vector<TakenContext> contexts_of(const model::Catalog& catalog);

// Why a subscription or an application may not refer to this policy yet; empty: it may.
std::string why_not_enforced(const model::ThrottlePolicy& policy);

// A subscription policy that gateways look up by this name themselves: "Unauthenticated" and
// "DefaultSubscriptionless".
bool is_standing_name(std::string_view name);

// Whether a deny condition can be compiled; empty: it can.
std::vector<Finding> check_deny(const model::DenyCondition& condition);

// Whether a key's restrictions can be compiled; empty: they can.
std::vector<Finding> check_key(const model::ApiKey& key);

}  // namespace apim::compile
