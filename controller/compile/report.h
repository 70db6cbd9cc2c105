// Report: what could not be compiled, and why. Never blocks what could.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/problem.h"

namespace apim::compile {

using model::Finding;

// An API that is left out of the snapshot as a whole: never with a policy missing.
struct Quarantine {
  uint32_t api_id = 0;
  std::string api;  // "pizza 1.0.0"
  std::vector<Finding> findings;
};

struct Report {
  std::vector<Quarantine> quarantined;  // By API id.
  std::vector<Finding> findings;  // Everything else: subscriptions, keys, deny conditions left out.

  bool empty() const { return quarantined.empty() && findings.empty(); }
};

// One line per finding, for logs and people.
std::string to_text(const Report& report);

}  // namespace apim::compile
