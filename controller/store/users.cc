#include "store/users.h"

#include <array>
#include <map>

#include "store/text.h"

namespace apim::store::users {
namespace {

constexpr int64_t kSuperTenantId = -1234;
constexpr const char* kSuperTenant = "carbon.super";
constexpr std::array kRoles{"admin",
                            "Internal/everyone",
                            "Internal/creator",
                            "Internal/publisher",
                            "Internal/subscriber",
                            "Internal/devops",
                            "Internal/observer",
                            "Internal/analytics",
                            "Internal/integration_dev"};

Result<int64_t> next(Transaction& tx, const std::string& sequence) {
  return tx.number("UPDATE um_sequence SET value = value + 1 WHERE name = ? RETURNING value",
                   {sequence});
}

Result<int64_t> tenant_id(Transaction& tx, const std::string& domain) {
  ASSIGN_OR_REFUSE(
      const auto row,
      (tx.first<int64_t>("SELECT um_id FROM um_tenant WHERE um_domain_name = ?", {domain})));
  if (!row) return model::refuse(model::not_found(900515, "tenant '" + domain + "'"));
  return std::get<0>(*row);
}

struct Key {
  int64_t tenant_id = 0;
  int64_t user_id = 0;
};

Result<Key> key_of(Transaction& tx, const std::string& tenant, const std::string& name) {
  ASSIGN_OR_REFUSE(const int64_t tenant_number, tenant_id(tx, tenant));
  ASSIGN_OR_REFUSE(
      const auto row,
      (tx.first<int64_t>("SELECT um_id FROM um_user WHERE um_tenant_id = ? AND um_user_key = ?",
                         {tenant_number, lower(name)})));
  if (!row) return model::refuse(model::not_found(900603, "user '" + name + "' of " + tenant));
  return Key{.tenant_id = tenant_number, .user_id = std::get<0>(*row)};
}

Result<void> replace_roles(Transaction& tx, const Key& key, const std::vector<std::string>& roles) {
  CHECK_OR_REFUSE(tx.run("DELETE FROM um_user_role WHERE um_user_id = ?", {key.user_id}));
  for (const std::string& role : roles) {
    ASSIGN_OR_REFUSE(
        const auto row,
        (tx.first<int64_t>("SELECT um_id FROM um_role WHERE um_tenant_id = ? AND um_role_name = ?",
                           {key.tenant_id, role})));
    if (!row) {
      return model::refuse(model::bad_request(900610, "Invalid user roles found",
                                              "there is no role '" + role + "'"));
    }
    CHECK_OR_REFUSE(
        tx.run("INSERT INTO um_user_role (um_user_id, um_role_id, um_tenant_id) VALUES (?, ?, ?) "
               "ON CONFLICT DO NOTHING",
               {key.user_id, std::get<0>(*row), key.tenant_id}));
  }
  return {};
}

Result<void> seed_roles(Transaction& tx, const std::string& domain) {
  for (const char* role : kRoles) CHECK_OR_REFUSE(add_role(tx, domain, role));
  return {};
}

// Users of one tenant, one or all, by name; roles by name.
Result<std::vector<model::User>> select(Transaction& tx, const std::string& tenant,
                                        const std::string& condition,
                                        const std::vector<Value>& values) {
  std::vector<model::User> users;
  CHECK_OR_REFUSE((tx.each<int64_t, std::string, std::string, int64_t>(
      "SELECT um_id, um_user_name, um_user_password, um_locked FROM um_user WHERE " + condition +
          " ORDER BY um_user_key",
      values, [&](int64_t id, std::string name, std::string hash, int64_t locked) {
        model::User user;
        user.id = static_cast<uint32_t>(id);
        user.tenant = tenant;
        user.name = std::move(name);
        user.password_hash = std::move(hash);
        user.locked = locked != 0;
        users.push_back(std::move(user));
      })));
  for (model::User& user : users) {
    CHECK_OR_REFUSE((tx.each<std::string>(
        "SELECT um_role_name FROM um_user_role JOIN um_role ON um_role.um_id = "
        "um_user_role.um_role_id WHERE um_user_id = ? ORDER BY um_role_name",
        {int64_t{user.id}}, [&](std::string role) { user.roles.push_back(std::move(role)); })));
  }
  return users;
}

}  // namespace

Result<model::User> insert(Transaction& tx, model::User user) {
  ASSIGN_OR_REFUSE(const int64_t tenant_number, tenant_id(tx, user.tenant));
  ASSIGN_OR_REFUSE(const auto taken, find(tx, user.tenant, user.name));
  if (taken) {
    return model::refuse(
        model::conflict(900604, "The user already exists",
                        "tenant '" + user.tenant + "' has a user '" + taken->name + "' already"));
  }
  ASSIGN_OR_REFUSE(const int64_t id, next(tx, "user"));
  CHECK_OR_REFUSE(tx.run(
      "INSERT INTO um_user (um_id, um_tenant_id, um_user_name, um_user_key, "
      "um_user_password, um_locked) VALUES (?, ?, ?, ?, ?, ?)",
      {id, tenant_number, user.name, lower(user.name), user.password_hash, int64_t{user.locked}}));
  CHECK_OR_REFUSE(replace_roles(tx, {.tenant_id = tenant_number, .user_id = id}, user.roles));
  user.id = static_cast<uint32_t>(id);
  return user;
}

Result<void> set_password_hash(Transaction& tx, const std::string& tenant, const std::string& name,
                               const std::string& hash) {
  ASSIGN_OR_REFUSE(const Key key, key_of(tx, tenant, name));
  CHECK_OR_REFUSE(
      tx.run("UPDATE um_user SET um_user_password = ? WHERE um_id = ?", {hash, key.user_id}));
  return {};
}

Result<void> set_roles(Transaction& tx, const std::string& tenant, const std::string& name,
                       const std::vector<std::string>& roles) {
  ASSIGN_OR_REFUSE(const Key key, key_of(tx, tenant, name));
  return replace_roles(tx, key, roles);
}

Result<void> set_locked(Transaction& tx, const std::string& tenant, const std::string& name,
                        bool locked) {
  ASSIGN_OR_REFUSE(const Key key, key_of(tx, tenant, name));
  CHECK_OR_REFUSE(
      tx.run("UPDATE um_user SET um_locked = ? WHERE um_id = ?", {int64_t{locked}, key.user_id}));
  return {};
}

Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& name) {
  ASSIGN_OR_REFUSE(const Key key, key_of(tx, tenant, name));
  CHECK_OR_REFUSE(tx.run("DELETE FROM um_user WHERE um_id = ?", {key.user_id}));
  return {};
}

Result<std::optional<model::User>> find(Transaction& tx, const std::string& tenant,
                                        const std::string& name) {
  ASSIGN_OR_REFUSE(auto users,
                   select(tx, tenant,
                          "um_user_key = ? AND um_tenant_id IN (SELECT um_id FROM um_tenant WHERE "
                          "um_domain_name = ?)",
                          {lower(name), tenant}));
  if (users.empty()) return std::optional<model::User>{};
  return std::optional<model::User>(std::move(users.front()));
}

Result<std::vector<model::User>> list(Transaction& tx, const std::string& tenant) {
  return select(tx, tenant,
                "um_tenant_id IN (SELECT um_id FROM um_tenant WHERE um_domain_name = ?)", {tenant});
}

Result<bool> has_admin(Transaction& tx) {
  ASSIGN_OR_REFUSE(
      const int64_t count,
      tx.number("SELECT COUNT(*) FROM um_user_role JOIN um_role ON um_role.um_id = "
                "um_user_role.um_role_id WHERE um_role_name = 'admin' AND um_role.um_tenant_id = ?",
                {kSuperTenantId}));
  return count > 0;
}

Result<void> add_role(Transaction& tx, const std::string& tenant, const std::string& role) {
  ASSIGN_OR_REFUSE(const int64_t tenant_number, tenant_id(tx, tenant));
  ASSIGN_OR_REFUSE(
      const int64_t known,
      tx.number("SELECT COUNT(*) FROM um_role WHERE um_tenant_id = ? AND um_role_name = ?",
                {tenant_number, role}));
  if (known > 0) return {};
  ASSIGN_OR_REFUSE(const int64_t id, next(tx, "role"));
  CHECK_OR_REFUSE(tx.run("INSERT INTO um_role (um_id, um_tenant_id, um_role_name) VALUES (?, ?, ?)",
                         {id, tenant_number, role}));
  return {};
}

Result<model::Tenant> insert_tenant(Transaction& tx, const std::string& domain) {
  ASSIGN_OR_REFUSE(const auto taken, find_tenant(tx, domain));
  if (taken) {
    return model::refuse(model::conflict(900515, "The tenant already exists",
                                         "there is a tenant '" + domain + "' already"));
  }
  ASSIGN_OR_REFUSE(const int64_t id, next(tx, "tenant"));
  CHECK_OR_REFUSE(tx.run(
      "INSERT INTO um_tenant (um_id, um_domain_name, um_active) VALUES (?, ?, 1)", {id, domain}));
  CHECK_OR_REFUSE(seed_roles(tx, domain));
  return model::Tenant{.id = static_cast<int32_t>(id), .domain = domain, .active = true};
}

Result<std::optional<model::Tenant>> find_tenant(Transaction& tx, const std::string& domain) {
  ASSIGN_OR_REFUSE(
      const auto row,
      (tx.first<int64_t, int64_t>("SELECT um_id, um_active FROM um_tenant WHERE um_domain_name = ?",
                                  {domain})));
  if (!row) return std::optional<model::Tenant>{};
  return std::optional<model::Tenant>({.id = static_cast<int32_t>(std::get<0>(*row)),
                                       .domain = domain,
                                       .active = std::get<1>(*row) != 0});
}

Result<std::vector<model::Tenant>> tenants(Transaction& tx) {
  std::vector<model::Tenant> found;
  CHECK_OR_REFUSE((tx.each<int64_t, std::string, int64_t>(
      "SELECT um_id, um_domain_name, um_active FROM um_tenant ORDER BY um_id", {},
      [&](int64_t id, std::string domain, int64_t active) {
        found.push_back(
            {.id = static_cast<int32_t>(id), .domain = std::move(domain), .active = active != 0});
      })));
  return found;
}

Result<void> seed(Transaction& tx) {
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO um_tenant (um_id, um_domain_name, um_active) VALUES (?, ?, 1) ON "
             "CONFLICT DO NOTHING",
             {kSuperTenantId, std::string(kSuperTenant)}));
  return seed_roles(tx, kSuperTenant);
}

}  // namespace apim::store::users
