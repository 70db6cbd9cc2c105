// Lifecycles: an API's state and the history of its changes.

#pragma once

#include <string>
#include <vector>

#include "model/api.h"
#include "store/transaction.h"

namespace apim::store::lifecycles {

struct Step {
  model::Lifecycle from = model::Lifecycle::Created;
  model::Lifecycle to = model::Lifecycle::Created;
  std::string user = {};
  int64_t at_ms = 0;
};

// Sets the state and appends the step. Whether it is allowed is the caller's rule
// (model/lifecycle.h). Notes the change. 404: 900308.
Result<void> move(Transaction& tx, const std::string& tenant, const std::string& api_uuid,
                  model::Lifecycle to, const std::string& user);
// Oldest first.
Result<std::vector<Step>> history(Transaction& tx, const std::string& tenant,
                                  const std::string& api_uuid);

}  // namespace apim::store::lifecycles
