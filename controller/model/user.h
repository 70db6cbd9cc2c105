// User: who may log in, their roles and what they may do (WSO2's tenant-conf role -> scope table,
// reference 6.1).

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace apim::model {

struct Tenant {
  int32_t id = -1234;  // carbon.super
  std::string domain = "carbon.super";
  bool active = true;
};

struct User {
  uint32_t id = 0;
  std::string tenant = "carbon.super";
  std::string name;
  std::string password_hash;       // argon2id, libsodium's text form
  std::vector<std::string> roles;  // "admin", "Internal/creator", ...
  bool locked = false;
};

// The caller of a verb, after authentication.
struct Caller {
  std::string user;
  std::string tenant = "carbon.super";
  std::set<std::string> scopes;  // "apim:api_create", ...

  bool may(const std::string& scope) const { return scopes.contains(scope); }
};

// Every scope the roles give. "admin" gives all.
std::set<std::string> scopes_of(const std::vector<std::string>& roles);

}  // namespace apim::model
