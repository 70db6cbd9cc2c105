#include "store/api_keys.h"

#include "store/applications.h"
#include "store/enum_text.h"
#include "store/rows.h"
#include "store/text.h"

namespace apim::store::rows {

Result<std::vector<model::ApiKey>> api_keys(Transaction& tx, const Where& where) {
  std::vector<model::ApiKey> found;
  EnumReader reader;
  bool digests_are_hex = true;
  using std::string;
  CHECK_OR_REFUSE((tx.each<string, string, string, int64_t, string, string, int64_t, int64_t,
                           string, string, string>(
      "SELECT k.api_key_uuid, k.api_key_name, k.api_key_hash, k.application_id, a.uuid, "
      "k.key_type, "
      "k.time_created, k.expires_s, k.permitted_ips, k.permitted_referers, k.authz_user FROM "
      "am_api_key k JOIN am_application a ON a.application_id = k.application_id WHERE " +
          where.condition + " " +
          (where.order.empty() ? "ORDER BY k.application_id, k.time_created, k.api_key_uuid"
                               : where.order),
      where.values,
      [&](string uuid, string name, const string& hash, int64_t application_id,
          string application_uuid, const string& type, int64_t created_ms, int64_t expires_s,
          string ips, string referers, string user) {
        model::ApiKey& key = found.emplace_back();
        key.uuid = std::move(uuid);
        key.name = std::move(name);
        digests_are_hex = from_hex(hash, key.digest) && digests_are_hex;
        key.application_id = static_cast<uint32_t>(application_id);
        key.application_uuid = std::move(application_uuid);
        key.type = reader.read<model::KeyType>(type);
        key.created_ms = created_ms;
        key.expires_s = expires_s;
        key.permitted_ips = std::move(ips);
        key.permitted_referers = std::move(referers);
        key.user = std::move(user);
      })));
  CHECK_OR_REFUSE(reader.check("am_api_key"));
  if (!digests_are_hex) {
    return model::refuse(model::internal_error("table am_api_key holds a hash that is no SHA-256"));
  }
  return found;
}

}  // namespace apim::store::rows

namespace apim::store::api_keys {
namespace {

Result<std::optional<model::ApiKey>> find_where(Transaction& tx, const std::string& condition,
                                                const std::vector<Value>& values) {
  ASSIGN_OR_REFUSE(auto found,
                   rows::api_keys(tx, {.condition = condition, .values = values, .order = ""}));
  if (found.empty()) return std::optional<model::ApiKey>{};
  return std::optional<model::ApiKey>(std::move(found.front()));
}

Result<void> check_free(Transaction& tx, const model::Application& application,
                        const model::ApiKey& key) {
  ASSIGN_OR_REFUSE(
      const int64_t same_digest,
      tx.number("SELECT COUNT(*) FROM am_api_key WHERE api_key_hash = ?", {to_hex(key.digest)}));
  if (same_digest > 0) {
    return model::refuse(
        model::conflict(900967, "The API key already exists", "this key is in use already"));
  }
  if (key.name.empty()) return {};
  ASSIGN_OR_REFUSE(
      const int64_t same_name,
      tx.number("SELECT COUNT(*) FROM am_api_key WHERE application_id = ? AND key_type = ? AND "
                "api_key_name = ?",
                {int64_t{application.id}, text_of(key.type), key.name}));
  if (same_name == 0) return {};
  return model::refuse(model::conflict(900967, "The API key already exists",
                                       "application '" + application.name + "' has a " +
                                           text_of(key.type) + " key '" + key.name + "' already"));
}

}  // namespace

Result<model::ApiKey> insert(Transaction& tx, const std::string& tenant, model::ApiKey key) {
  ASSIGN_OR_REFUSE(const model::Application application,
                   applications::find(tx, tenant, key.application_uuid));
  CHECK_OR_REFUSE(check_free(tx, application, key));
  key.application_id = application.id;
  if (key.uuid.empty()) key.uuid = new_uuid();
  key.created_ms = tx.now_ms();
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO am_api_key (api_key_uuid, organization, application_id, api_key_name, "
             "api_key_hash, key_type, permitted_ips, permitted_referers, authz_user, time_created, "
             "expires_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
             {key.uuid, tenant, int64_t{key.application_id}, key.name, to_hex(key.digest),
              text_of(key.type), key.permitted_ips, key.permitted_referers, key.user,
              key.created_ms, key.expires_s}));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Application, key.application_id));
  return key;
}

Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(const model::ApiKey key, find(tx, tenant, uuid));
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_api_key WHERE organization = ? AND api_key_uuid = ?", {tenant, uuid}));
  return tx.changed(model::Change::Kind::Application, key.application_id);
}

Result<model::ApiKey> find(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(auto found,
                   find_where(tx, "k.organization = ? AND k.api_key_uuid = ?", {tenant, uuid}));
  if (!found) return model::refuse(model::not_found(900401, "API key '" + uuid + "'"));
  return std::move(*found);
}

Result<std::optional<model::ApiKey>> find_by_digest(Transaction& tx, const std::string& tenant,
                                                    const std::array<uint8_t, 32>& digest) {
  return find_where(tx, "k.organization = ? AND k.api_key_hash = ?", {tenant, to_hex(digest)});
}

Result<std::vector<model::ApiKey>> list(Transaction& tx, const std::string& tenant,
                                        const std::string& application_uuid,
                                        std::optional<model::KeyType> type) {
  rows::Where where{.condition = "k.organization = ? AND a.uuid = ?",
                    .values = {tenant, application_uuid},
                    .order = ""};
  if (type) {
    where.condition += " AND k.key_type = ?";
    where.values.emplace_back(text_of(*type));
  }
  return rows::api_keys(tx, where);
}

}  // namespace apim::store::api_keys
