#include "service/keys.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cassert>
#include <optional>

#include "compile/check.h"
#include "service/applications.h"
#include "store/api_keys.h"

namespace apim::service::keys {
namespace {

using model::ApiKey;

constexpr int kCodeInvalid = 900700;
constexpr int kCodeNotFound = 900347;
constexpr int64_t kValidSecondsMax = int64_t{100} * 365 * 24 * 3600;
constexpr size_t kNameMax = 100;
constexpr size_t kSecretBytes = 32;

std::string new_text() {
  std::array<unsigned char, kSecretBytes> secret{};
  randombytes_buf(secret.data(), secret.size());
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::array<char,
             sodium_base64_ENCODED_LEN(kSecretBytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING)>
      text{};
  sodium_bin2base64(text.data(), text.size(), secret.data(), secret.size(), kVariant);
  sodium_memzero(secret.data(), secret.size());
  return std::string("apim_") + text.data();
}

auto invalid(std::string why) {
  return model::refuse(
      model::bad_request(kCodeInvalid, "The API key request is not valid", std::move(why)));
}

Result<void> check(const Wish& wish) {
  if (wish.name.size() > kNameMax)
    return invalid(fmt::format("keyName may have {} characters", kNameMax));
  if (wish.valid_s != -1 && (wish.valid_s < 1 || wish.valid_s > kValidSecondsMax))
    return invalid(fmt::format("validityPeriod must be -1 (for ever) or 1 to {} seconds, is {}",
                               kValidSecondsMax, wish.valid_s));
  ApiKey restricted;
  restricted.permitted_ips = wish.permitted_ips;
  restricted.permitted_referers = wish.permitted_referers;
  std::vector<model::Finding> findings = compile::check_key(restricted);
  if (findings.empty()) return {};
  return model::refuse(
      model::invalid(kCodeInvalid, "The API key request is not valid", std::move(findings)));
}

Result<ApiKey> find(Transaction& tx, const Caller& caller, const std::string& application_uuid,
                    const Which& which) {
  const auto missing = [] { return model::refuse(model::not_found(kCodeNotFound, "The API key")); };
  std::optional<ApiKey> key;
  if (!which.uuid.empty()) {
    ASSIGN_OR_REFUSE(key, store::api_keys::find(tx, caller.tenant, which.uuid));
  } else {
    ASSIGN_OR_REFUSE(key,
                     store::api_keys::find_by_digest(tx, caller.tenant, digest_of(which.text)));
  }
  if (!key || key->application_uuid != application_uuid) return missing();
  return std::move(*key);
}

}  // namespace

std::array<uint8_t, 32> digest_of(const std::string& text) {
  std::array<uint8_t, 32> digest{};
  static_assert(digest.size() == crypto_hash_sha256_BYTES);
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return digest;
}

Result<Changed<Issued>> generate(Context& context, const Caller& caller,
                                 const std::string& application_uuid, const Wish& wish) {
  CHECK_OR_REFUSE(permit(caller, permissions::kApiKeys));
  CHECK_OR_REFUSE(check(wish));
  const std::string text = new_text();
  return change(context, caller, permissions::kApiKeys, [&](Transaction& tx) -> Result<Issued> {
    ASSIGN_OR_REFUSE(const model::Application application,
                     applications::own(tx, caller, application_uuid));
    ApiKey key;
    key.name = wish.name;
    key.digest = digest_of(text);
    key.application_uuid = application.uuid;
    key.type = wish.type;
    key.expires_s = wish.valid_s == -1 ? 0 : tx.now_ms() / 1000 + wish.valid_s;
    key.permitted_ips = wish.permitted_ips;
    key.permitted_referers = wish.permitted_referers;
    key.user = caller.user;
    ASSIGN_OR_REFUSE(key, store::api_keys::insert(tx, caller.tenant, std::move(key)));
    CHECK_OR_REFUSE(
        note(tx, caller, "key.create",
             fmt::format("key {} of {}", key.uuid, applications::name_of(application))));
    return Issued{text, std::move(key)};
  });
}

Result<std::vector<ApiKey>> list(Context& context, const Caller& caller,
                                 const std::string& application_uuid, model::KeyType type) {
  return look(context, caller, permissions::kApiKeys,
              [&](Transaction& tx) -> Result<std::vector<ApiKey>> {
                CHECK_OR_REFUSE(applications::own(tx, caller, application_uuid));
                return store::api_keys::list(tx, caller.tenant, application_uuid, type);
              });
}

Result<Changed<Nothing>> revoke(Context& context, const Caller& caller,
                                const std::string& application_uuid, const Which& which) {
  return change(context, caller, permissions::kApiKeys, [&](Transaction& tx) -> Result<Nothing> {
    ASSIGN_OR_REFUSE(const model::Application application,
                     applications::own(tx, caller, application_uuid));
    ASSIGN_OR_REFUSE(const ApiKey key, find(tx, caller, application.uuid, which));
    CHECK_OR_REFUSE(store::api_keys::remove(tx, caller.tenant, key.uuid));
    CHECK_OR_REFUSE(
        note(tx, caller, "key.revoke",
             fmt::format("key {} of {}", key.uuid, applications::name_of(application))));
    return Nothing{};
  });
}

}  // namespace apim::service::keys
