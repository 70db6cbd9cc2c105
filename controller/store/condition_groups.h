// ConditionGroups: the conditional limits of advanced policies, in WSO2's five tables.

#pragma once

#include <vector>

#include "model/policy.h"
#include "store/transaction.h"

namespace apim::store::condition_groups {

// Replaces those of one policy.
Result<void> write(Transaction& tx, const model::ThrottlePolicy& policy);
// Fills `groups` of these advanced policies; conditions in the order they were written.
Result<void> read(Transaction& tx, std::vector<model::ThrottlePolicy>& policies);

}  // namespace apim::store::condition_groups
