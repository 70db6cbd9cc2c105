// Password: argon2id hashes in libsodium's text form (m = 19 MiB, t = 2, p = 1).

#pragma once

#include <string>

#include "model/problem.h"

namespace apim::store {

// Takes some 20 ms and 19 MiB. Refuses only when memory is out.
model::Result<std::string> hash_password(const std::string& password);
// Constant time in the password. An empty hash (no such user) costs the same and is false.
bool password_matches(const std::string& hash, const std::string& password);
// Made with other parameters than today's; hash again after the next successful login.
bool needs_rehash(const std::string& hash);

}  // namespace apim::store
