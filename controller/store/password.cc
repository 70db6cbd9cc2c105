#include "store/password.h"

#include <sodium.h>

#include <array>
#include <cassert>

namespace apim::store {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr size_t kMemoryBytes = size_t{19} * 1024 * 1024;

void make_ready() {
  static const int ready = sodium_init();
  assert(ready >= 0);
}

// Of a password nobody knows; verified against when there is no user, so that both cost the same.
const std::string& decoy() {
  static const std::string hash = [] {
    std::array<char, 32> secret{};
    randombytes_buf(secret.data(), secret.size());
    return hash_password(std::string(secret.data(), secret.size())).value_or("");
  }();
  return hash;
}

}  // namespace

model::Result<std::string> hash_password(const std::string& password) {
  make_ready();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return model::refuse(model::internal_error("not enough memory to hash a password"));
  }
  return std::string(text.data());
}

bool password_matches(const std::string& hash, const std::string& password) {
  make_ready();
  const bool is_known = !hash.empty();
  const std::string& against = is_known ? hash : decoy();
  const int outcome = crypto_pwhash_str_verify(against.c_str(), password.data(), password.size());
  return is_known && outcome == 0;
}

bool needs_rehash(const std::string& hash) {
  make_ready();
  return crypto_pwhash_str_needs_rehash(hash.c_str(), kPasses, kMemoryBytes) != 0;
}

}  // namespace apim::store
