#include "cli/change.h"

#include <map>
#include <set>

namespace apim::cli {
namespace {

using Operations = std::map<std::string, nlohmann::json>;

bool is_of_the_server(const std::string& name) {
  static const std::set<std::string> names = {"id",
                                              "createdTime",
                                              "lastUpdatedTime",
                                              "lastUpdatedTimestamp",
                                              "workflowStatus",
                                              "isRevision",
                                              "revisionId",
                                              "revisionedApiId",
                                              "operations"};
  return names.contains(name);
}

Operations operations_of(const nlohmann::json& api) {
  Operations operations;
  if (!api.is_object() || !api.contains("operations")) return operations;
  for (const auto& operation : api["operations"]) {
    if (!operation.is_object()) continue;
    nlohmann::json content = operation;
    content.erase("id");
    operations[operation.value("verb", "") + " " + operation.value("target", "")] = content;
  }
  return operations;
}

// The names of the members that differ, as "a, b".
std::string differing(const nlohmann::json& before, const nlohmann::json& after) {
  std::set<std::string> names;
  for (const auto& [name, value] : before.items()) {
    if (!after.contains(name) || after[name] != value) names.insert(name);
  }
  for (const auto& [name, value] : after.items()) {
    if (!before.contains(name)) names.insert(name);
  }
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void compare_fields(const nlohmann::json& before, const nlohmann::json& after, Change& change) {
  std::set<std::string> names;
  for (const auto& [name, value] : before.items()) {
    if (!after.contains(name) || after[name] != value) names.insert(name);
  }
  for (const auto& [name, value] : after.items()) {
    if (!before.contains(name)) names.insert(name);
  }
  for (const auto& name : names) {
    if (!is_of_the_server(name)) change.fields.push_back(name);
  }
}

}  // namespace

Change compare_apis(const nlohmann::json& before, const nlohmann::json& after) {
  Change change;
  change.created = !before.is_object();
  const Operations old_ones = operations_of(before);
  const Operations new_ones = operations_of(after);
  for (const auto& [name, operation] : new_ones) {
    const auto old = old_ones.find(name);
    if (old == old_ones.end()) {
      change.added.push_back(name);
    } else if (old->second != operation) {
      change.changed.push_back(name + " (" + differing(old->second, operation) + ")");
    }
  }
  for (const auto& [name, operation] : old_ones) {
    if (!new_ones.contains(name)) change.removed.push_back(name);
  }
  if (!change.created) compare_fields(before, after, change);
  return change;
}

nlohmann::json Change::to_json() const {
  return {{"created", created},
          {"operationsAdded", added},
          {"operationsRemoved", removed},
          {"operationsChanged", changed},
          {"fields", fields}};
}

}  // namespace apim::cli
