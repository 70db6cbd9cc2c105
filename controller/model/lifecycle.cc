#include "model/lifecycle.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>

namespace apim::model {
namespace {

struct Row {
  Lifecycle from;
  const char* event;
  Lifecycle to;
};

constexpr std::array kRows{
    Row{Lifecycle::Created, "Publish", Lifecycle::Published},
    Row{Lifecycle::Created, "Deploy as a Prototype", Lifecycle::Prototyped},
    Row{Lifecycle::Prototyped, "Publish", Lifecycle::Published},
    Row{Lifecycle::Prototyped, "Demote to Created", Lifecycle::Created},
    Row{Lifecycle::Prototyped, "Deploy as a Prototype", Lifecycle::Prototyped},
    Row{Lifecycle::Published, "Block", Lifecycle::Blocked},
    Row{Lifecycle::Published, "Deploy as a Prototype", Lifecycle::Prototyped},
    Row{Lifecycle::Published, "Demote to Created", Lifecycle::Created},
    Row{Lifecycle::Published, "Deprecate", Lifecycle::Deprecated},
    Row{Lifecycle::Published, "Publish", Lifecycle::Published},
    Row{Lifecycle::Blocked, "Deprecate", Lifecycle::Deprecated},
    Row{Lifecycle::Blocked, "Re-Publish", Lifecycle::Published},
    Row{Lifecycle::Deprecated, "Retire", Lifecycle::Retired},
};

}  // namespace

std::vector<Transition> transitions_from(Lifecycle state) {
  std::vector<Transition> found;
  for (const Row& row : kRows) {
    if (row.from == state) found.push_back({.event = row.event, .target = row.to});
  }
  return found;
}

std::optional<Lifecycle> after(Lifecycle state, const std::string& event) {
  for (const Row& row : kRows) {
    if (row.from == state && event == row.event) return row.to;
  }
  return std::nullopt;
}

// Breadth first, so the fewest events; the table's order decides between equals.
std::optional<std::vector<std::string>> way(Lifecycle from, Lifecycle to) {
  std::map<Lifecycle, std::vector<std::string>> reached{{from, {}}};
  std::deque<Lifecycle> next{from};
  while (!next.empty()) {
    const Lifecycle state = next.front();
    next.pop_front();
    if (state == to) return reached[state];
    for (const Transition& step : transitions_from(state)) {
      if (reached.contains(step.target)) continue;
      std::vector<std::string> events = reached[state];
      events.push_back(step.event);
      reached[step.target] = std::move(events);
      next.push_back(step.target);
    }
  }
  return std::nullopt;
}

}  // namespace apim::model
