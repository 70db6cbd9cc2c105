// Login: a user name and a password become a Caller, slowly for whoever guesses.
//
// argon2id runs at most `hashes_max` times at once (19 MiB each). A verified password is remembered
// by a keyed hash of it together with the stored hash it was checked against, so a changed
// password, a locked or a removed user is noticed at the next request. Failures are counted per
// user and address; from the limit on each further one doubles the wait, during which nothing is
// hashed. Any thread may call.

#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "model/problem.h"
#include "model/user.h"
#include "store/store.h"

namespace apim::service {

struct LoginSettings {
  uint64_t failures = 5;
  uint64_t wait_ms = 1'000;
  uint64_t wait_max_ms = 60'000;
  uint64_t remember_ms = 300'000;
  uint32_t hashes_max = 4;
  std::function<int64_t()> clock;  // monotonic, ms; empty: the system's
};

struct Credentials {
  std::string user;  // "bob", "bob@carbon.super", "bob@foo.com"
  std::string password;
  std::string address;
};

class Login {
 public:
  Login(store::Store& store, LoginSettings settings);

  // 401 without saying which half was wrong; 429 while the pair of user and address has to wait;
  // 503 when too many passwords are being checked.
  model::Result<model::Caller> verify(const Credentials& credentials);

 private:
  using Digest = std::array<uint8_t, 32>;
  struct Remembered {
    std::string password_hash;
    int64_t until_ms = 0;
  };
  struct Failures {
    uint64_t count = 0;
    int64_t wait_until_ms = 0;
    int64_t last_ms = 0;
  };

  int64_t now_ms() const;
  Digest digest_of(const Credentials& credentials) const;
  bool remembers(const Digest& digest, const model::User& user);
  model::Result<void> check_wait(const std::string& key);
  void count_failure(const std::string& key);
  void remember(const Digest& digest, const std::string& key, const std::string& password_hash);
  model::Result<bool> check_password(const std::string& hash, const std::string& password);

  store::Store& store_;
  const LoginSettings settings_;
  std::array<uint8_t, 32> secret_{};
  std::mutex mutex_;
  std::condition_variable hash_done_;
  uint32_t hashing_ = 0;
  uint32_t queueing_ = 0;
  std::map<Digest, Remembered> remembered_;
  std::map<std::string, Failures> failures_;
};

}  // namespace apim::service
