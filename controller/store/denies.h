// Denies: deny conditions.

#pragma once

#include <string>
#include <vector>

#include "model/policy.h"
#include "store/transaction.h"

namespace apim::store::denies {

// Assigns id and a uuid unless there is one. 409 when the same condition exists. Notes the change.
Result<model::DenyCondition> insert(Transaction& tx, model::DenyCondition condition);
Result<model::DenyCondition> enable(Transaction& tx, const std::string& tenant,
                                    const std::string& uuid, bool enabled);
Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid);

Result<model::DenyCondition> find(Transaction& tx, const std::string& tenant,
                                  const std::string& uuid);  // 404
// By id.
Result<std::vector<model::DenyCondition>> list(Transaction& tx, const std::string& tenant);

}  // namespace apim::store::denies
