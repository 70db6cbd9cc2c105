// Routes: which API answers under which context of which vhost; the only thing that spans APIs.

#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "compile/report.h"
#include "model/catalog.h"

namespace apim::compile {

// One context an API wants on one vhost.
struct Claim {
  std::string vhost;  // lower case
  std::string text;   // canonical path without a '/' at the end; "/" for the root
  bool is_default_version = false;
  friend auto operator<=>(const Claim&, const Claim&) = default;
};

// What an API is reached by: its context, and the one without version when it is the default
// version. Contexts and vhosts that cannot be routed go to `findings`.
std::vector<Claim> lower_claims(const model::DeployedApi& deployed, std::vector<Finding>& findings);

// "/pizza/{version}/menu" -> "/pizza/menu"; the context that leads to the default version.
std::string default_context(const model::Api& api);

struct Claimant {
  const std::string* api = nullptr;  // "pizza 1.0.0"
  const std::vector<Claim>* claims = nullptr;
};
using Claimants = std::map<uint32_t, Claimant>;  // By API id.

// The later of two APIs (by id) that claim one context loses all of its own. By API id, losers
// only.
std::map<uint32_t, std::vector<Finding>> conflicts(const Claimants& claimants);

// The payload of the `routes` segment. Precondition: no context is claimed twice.
std::string build_routes(const Claimants& claimants);

}  // namespace apim::compile
