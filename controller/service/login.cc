#include "service/login.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>

#include "store/password.h"
#include "store/users.h"

namespace apim::service {
namespace {

using model::Caller;
using model::Result;
using model::User;

constexpr size_t kRememberedMax = 1'000;
constexpr size_t kFailuresMax = 10'000;
constexpr uint32_t kQueueMax = 64;
constexpr int64_t kForgetFailuresMs = 15 * 60 * 1000;
constexpr int kCodeTooMany = 900429;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "bob@foo.com" is bob of foo.com when there is such a tenant, else a user of carbon.super with
// that name.
Result<std::optional<User>> find_user(store::Transaction& tx, const std::string& name) {
  const size_t at = name.rfind('@');
  if (at != std::string::npos) {
    ASSIGN_OR_REFUSE(const auto tenant, store::users::find_tenant(tx, name.substr(at + 1)));
    if (tenant && !tenant->active) return std::nullopt;
    if (tenant) return store::users::find(tx, tenant->domain, name.substr(0, at));
  }
  return store::users::find(tx, "carbon.super", name);
}

Caller caller_of(const User& user) {
  Caller caller;
  caller.user = user.name;
  caller.tenant = user.tenant;
  caller.scopes = model::scopes_of(user.roles);
  return caller;
}

int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Login::Login(store::Store& store, LoginSettings settings)
    : store_(store), settings_(std::move(settings)) {
  randombytes_buf(secret_.data(), secret_.size());
}

int64_t Login::now_ms() const { return settings_.clock ? settings_.clock() : steady_ms(); }

Login::Digest Login::digest_of(const Credentials& credentials) const {
  Digest digest{};
  const std::string text = credentials.user + '\0' + credentials.password;
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     secret_.data(), secret_.size());
  return digest;
}

bool Login::remembers(const Digest& digest, const User& user) {
  const std::lock_guard lock(mutex_);
  const auto found = remembered_.find(digest);
  return found != remembered_.end() && found->second.until_ms > now_ms() &&
         found->second.password_hash == user.password_hash;
}

Result<void> Login::check_wait(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(key);
  if (found == failures_.end() || found->second.wait_until_ms <= now_ms()) return {};
  const int64_t wait_ms = found->second.wait_until_ms - now_ms();
  return model::refuse({.http_status = 429,
                        .code = kCodeTooMany,
                        .message = "Too many failed logins",
                        .description = fmt::format("try again in {} s", (wait_ms + 999) / 1000)});
}

void Login::count_failure(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const int64_t now = now_ms();
  if (failures_.size() >= kFailuresMax)
    std::erase_if(failures_, [&](const auto& entry) {
      return entry.second.last_ms + kForgetFailuresMs < now;
    });
  // Still full: somebody tries very many names. Forget the longest unseen rather than grow.
  if (failures_.size() >= kFailuresMax && !failures_.contains(key)) {
    failures_.erase(std::min_element(
        failures_.begin(), failures_.end(),
        [](const auto& a, const auto& b) { return a.second.last_ms < b.second.last_ms; }));
  }
  Failures& failures = failures_[key];
  if (failures.last_ms + kForgetFailuresMs < now) failures.count = 0;
  failures.last_ms = now;
  ++failures.count;
  if (failures.count < settings_.failures) return;
  const uint64_t doublings = std::min<uint64_t>(failures.count - settings_.failures, 20);
  const uint64_t wait_ms = std::min(settings_.wait_ms << doublings, settings_.wait_max_ms);
  failures.wait_until_ms = now + static_cast<int64_t>(wait_ms);
}

void Login::remember(const Digest& digest, const std::string& key,
                     const std::string& password_hash) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key);
  if (settings_.remember_ms == 0) return;
  const int64_t now = now_ms();
  if (remembered_.size() >= kRememberedMax)
    std::erase_if(remembered_, [&](const auto& entry) { return entry.second.until_ms <= now; });
  if (remembered_.size() >= kRememberedMax) remembered_.clear();
  remembered_[digest] = {password_hash, now + static_cast<int64_t>(settings_.remember_ms)};
}

Result<bool> Login::check_password(const std::string& hash, const std::string& password) {
  {
    std::unique_lock lock(mutex_);
    if (queueing_ >= kQueueMax) {
      return model::refuse({.http_status = 503,
                            .code = kCodeTooMany,
                            .message = "Too many logins at once",
                            .description = "try again in a moment"});
    }
    ++queueing_;
    hash_done_.wait(lock, [&] { return hashing_ < settings_.hashes_max; });
    --queueing_;
    ++hashing_;
  }
  const bool matches = store::password_matches(hash, password);
  {
    const std::lock_guard lock(mutex_);
    --hashing_;
  }
  hash_done_.notify_one();
  return matches;
}

Result<Caller> Login::verify(const Credentials& credentials) {
  const auto refused = [] {
    return model::refuse(model::unauthorized("the user name or the password is wrong"));
  };
  if (credentials.user.empty() || credentials.user.size() > 256 ||
      credentials.password.size() > 1024 || credentials.user.find('\0') != std::string::npos) {
    return refused();
  }
  ASSIGN_OR_REFUSE(const auto user, store_.shared().read([&](store::Transaction& tx) {
    return find_user(tx, credentials.user);
  }));
  const Digest digest = digest_of(credentials);
  if (user && !user->locked && remembers(digest, *user)) return caller_of(*user);

  const std::string key = lower(credentials.user) + '\0' + credentials.address;
  CHECK_OR_REFUSE(check_wait(key));
  // An unknown user costs what a wrong password costs.
  ASSIGN_OR_REFUSE(const bool matches,
                   check_password(user ? user->password_hash : "", credentials.password));
  if (!user || user->locked || !matches) {
    count_failure(key);
    return refused();
  }
  remember(digest, key, user->password_hash);
  return caller_of(*user);
}

}  // namespace apim::service
