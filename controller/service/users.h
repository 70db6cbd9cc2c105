// Users: who may log in. Shared database; the audit log stands in the other one.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/user.h"
#include "service/context.h"

namespace apim::service::users {

constexpr size_t kPasswordMin = 8;
constexpr size_t kPasswordMax = 1024;

Result<std::vector<model::User>> list(Context& context, const Caller& caller);
// Without roles a user may log in and do nothing.
Result<model::User> create(Context& context, const Caller& caller, const std::string& name,
                           const std::string& password, const std::vector<std::string>& roles);
// Not oneself (400).
Result<void> remove(Context& context, const Caller& caller, const std::string& name);
// One's own; the current one must be known.
Result<void> change_password(Context& context, const Caller& caller, const std::string& current,
                             const std::string& wanted);

// First start: makes the user "admin". Nothing when there is an administrator already; else the
// password, which is `given` or made up.
Result<std::optional<std::string>> make_first_admin(store::Store& store, const std::string& given);

}  // namespace apim::service::users
