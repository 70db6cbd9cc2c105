// Environments: the administrator's verbs on gateway environments and their vhosts.

#pragma once

#include <string>
#include <vector>

#include "model/api.h"
#include "service/context.h"

namespace apim::service::environments {

Result<std::vector<model::Environment>> list(Context& context, const Caller& caller,
                                             const Permission& permission);
Result<model::Environment> get(Context& context, const Caller& caller, const std::string& uuid);
// 400 for a name or host that is not one, 409 when the name exists.
Result<Changed<model::Environment>> create(Context& context, const Caller& caller,
                                           model::Environment environment);
// The name stays; 409 when a vhost in use would go.
Result<Changed<model::Environment>> update(Context& context, const Caller& caller,
                                           const std::string& uuid,
                                           const model::Environment& wanted);
Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid);

}  // namespace apim::service::environments
