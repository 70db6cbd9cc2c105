// Denies: the administrator's verbs on deny conditions.

#pragma once

#include <string>
#include <vector>

#include "model/policy.h"
#include "service/context.h"

namespace apim::service::denies {

Result<std::vector<model::DenyCondition>> list(Context& context, const Caller& caller);
Result<model::DenyCondition> get(Context& context, const Caller& caller, const std::string& uuid);
// Only what can be enforced (400 otherwise). An API, an application or a user that is named must
// exist.
Result<Changed<model::DenyCondition>> create(Context& context, const Caller& caller,
                                             model::DenyCondition condition);
Result<Changed<model::DenyCondition>> enable(Context& context, const Caller& caller,
                                             const std::string& uuid, bool enabled);
Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid);

}  // namespace apim::service::denies
