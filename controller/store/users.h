// Users: tenants, users and roles. Shared database: transactions of Store::shared().

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/user.h"
#include "store/transaction.h"

namespace apim::store::users {

// 409 when the name exists in the tenant; 400 for an unknown tenant or role.
Result<model::User> insert(Transaction& tx, model::User user);
Result<void> set_password_hash(Transaction& tx, const std::string& tenant, const std::string& name,
                               const std::string& hash);
Result<void> set_roles(Transaction& tx, const std::string& tenant, const std::string& name,
                       const std::vector<std::string>& roles);
Result<void> set_locked(Transaction& tx, const std::string& tenant, const std::string& name,
                        bool locked);
Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& name);

// Names are compared without regard to ASCII case, as WSO2 does.
Result<std::optional<model::User>> find(Transaction& tx, const std::string& tenant,
                                        const std::string& name);
Result<std::vector<model::User>> list(Transaction& tx, const std::string& tenant);
// Whether anybody has the role "admin" in carbon.super: false on the first start.
Result<bool> has_admin(Transaction& tx);

// Nothing happens when the tenant has it.
Result<void> add_role(Transaction& tx, const std::string& tenant, const std::string& role);

// With the usual roles. 409 when the domain exists.
Result<model::Tenant> insert_tenant(Transaction& tx, const std::string& domain);
Result<std::optional<model::Tenant>> find_tenant(Transaction& tx, const std::string& domain);
Result<std::vector<model::Tenant>> tenants(Transaction& tx);

// Adds carbon.super and the roles each tenant has.
Result<void> seed(Transaction& tx);

}  // namespace apim::store::users
