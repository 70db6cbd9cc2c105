// Policies: the administrator's verbs on throttling policies of all levels.

#pragma once

#include <string>
#include <vector>

#include "model/policy.h"
#include "service/context.h"

namespace apim::service::policies {

// Also for the publisher and, with `permission` kAnybody, for the portal.
Result<std::vector<model::ThrottlePolicy>> list(Context& context, const Caller& caller,
                                                model::PolicyLevel level,
                                                const Permission& permission);
Result<model::ThrottlePolicy> get(Context& context, const Caller& caller, model::PolicyLevel level,
                                  const std::string& uuid, const Permission& permission);
Result<model::ThrottlePolicy> get_by_name(Context& context, const Caller& caller,
                                          model::PolicyLevel level, const std::string& name,
                                          const Permission& permission);

// 409 when the level has one of that name.
Result<Changed<model::ThrottlePolicy>> create(Context& context, const Caller& caller,
                                              model::ThrottlePolicy policy);
// Name and level stay. A policy in use must stay enforceable.
Result<Changed<model::ThrottlePolicy>> update(Context& context, const Caller& caller,
                                              const std::string& uuid,
                                              const model::ThrottlePolicy& wanted);
// 403 (900971) while anything names it.
Result<Changed<Nothing>> remove(Context& context, const Caller& caller, model::PolicyLevel level,
                                const std::string& uuid);

}  // namespace apim::service::policies
