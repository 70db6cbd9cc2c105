// Lifecycle: WSO2's API states and the actions between them (reference 8.5).

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/api.h"

namespace apim::model {

struct Transition {
  std::string event;  // "Publish", "Deploy as a Prototype", "Demote to Created", "Block",
                      // "Re-Publish", "Deprecate", "Retire"
  Lifecycle target;
};

std::vector<Transition> transitions_from(Lifecycle state);

// The state after `event`, or nothing when it is not allowed from `state`.
std::optional<Lifecycle> after(Lifecycle state, const std::string& event);

// The events that lead from one state to another (import walks them); nothing when there is no way.
std::optional<std::vector<std::string>> way(Lifecycle from, Lifecycle to);

}  // namespace apim::model
