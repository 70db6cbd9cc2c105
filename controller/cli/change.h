// Change: what differs between two states of an API, in the terms its publisher thinks in.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace apim::cli {

struct Change {
  bool created = false;
  std::vector<std::string> added;  // "GET /order/{orderId}"
  std::vector<std::string> removed;
  std::vector<std::string> changed;  // "GET /menu (throttlingPolicy, scopes)"
  std::vector<std::string> fields;   // "endpointConfig": everything outside `operations`

  bool empty() const {
    return !created && added.empty() && removed.empty() && changed.empty() && fields.empty();
  }
  nlohmann::json to_json() const;
};

// `before` null: the API is new. Fields a server writes by itself (ids, times) do not count.
Change compare_apis(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace apim::cli
