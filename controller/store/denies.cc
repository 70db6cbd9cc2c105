#include "store/denies.h"

#include "store/enum_text.h"
#include "store/rows.h"

namespace apim::store::rows {

Result<std::vector<model::DenyCondition>> denies(Transaction& tx, const Where& where) {
  std::vector<model::DenyCondition> found;
  EnumReader reader;
  using std::string;
  CHECK_OR_REFUSE((tx.each<int64_t, string, string, string, string, string, int64_t, int64_t>(
      "SELECT condition_id, uuid, domain, type, block_condition, last_ip, inverted, enabled FROM "
      "am_block_conditions WHERE " +
          where.condition + " ORDER BY condition_id",
      where.values,
      [&](int64_t id, string uuid, string tenant, const string& kind, string value, string last,
          int64_t inverted, int64_t enabled) {
        found.push_back({.id = static_cast<uint32_t>(id),
                         .uuid = std::move(uuid),
                         .tenant = std::move(tenant),
                         .kind = reader.read<model::DenyCondition::Kind>(kind),
                         .value = std::move(value),
                         .last = std::move(last),
                         .inverted = inverted != 0,
                         .enabled = enabled != 0});
      })));
  CHECK_OR_REFUSE(reader.check("am_block_conditions"));
  return found;
}

}  // namespace apim::store::rows

namespace apim::store::denies {

Result<model::DenyCondition> insert(Transaction& tx, model::DenyCondition condition) {
  ASSIGN_OR_REFUSE(
      const int64_t same,
      tx.number("SELECT COUNT(*) FROM am_block_conditions WHERE domain = ? AND type = ? AND "
                "block_condition = ? AND last_ip = ? AND inverted = ?",
                {condition.tenant, text_of(condition.kind), condition.value, condition.last,
                 int64_t{condition.inverted}}));
  if (same > 0) {
    return model::refuse(model::conflict(900979, "The Block Condition exists.",
                                         "there is a deny policy for " + text_of(condition.kind) +
                                             " '" + condition.value + "' already"));
  }
  if (condition.uuid.empty()) condition.uuid = new_uuid();
  ASSIGN_OR_REFUSE(condition.id, tx.next_id("block_condition"));
  CHECK_OR_REFUSE(tx.run(
      "INSERT INTO am_block_conditions (condition_id, uuid, domain, type, block_condition, "
      "last_ip, inverted, enabled) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {int64_t{condition.id}, condition.uuid, condition.tenant, text_of(condition.kind),
       condition.value, condition.last, int64_t{condition.inverted}, int64_t{condition.enabled}}));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Deny, 0));
  return condition;
}

Result<model::DenyCondition> enable(Transaction& tx, const std::string& tenant,
                                    const std::string& uuid, bool enabled) {
  ASSIGN_OR_REFUSE(model::DenyCondition condition, find(tx, tenant, uuid));
  condition.enabled = enabled;
  CHECK_OR_REFUSE(tx.run("UPDATE am_block_conditions SET enabled = ? WHERE domain = ? AND uuid = ?",
                         {int64_t{enabled}, tenant, uuid}));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Deny, 0));
  return condition;
}

Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  CHECK_OR_REFUSE(find(tx, tenant, uuid));
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_block_conditions WHERE domain = ? AND uuid = ?", {tenant, uuid}));
  return tx.changed(model::Change::Kind::Deny, 0);
}

Result<model::DenyCondition> find(Transaction& tx, const std::string& tenant,
                                  const std::string& uuid) {
  ASSIGN_OR_REFUSE(auto found, rows::denies(tx, {.condition = "domain = ? AND uuid = ?",
                                                 .values = {tenant, uuid},
                                                 .order = ""}));
  if (found.empty()) return model::refuse(model::not_found(900401, "deny policy '" + uuid + "'"));
  return std::move(found.front());
}

Result<std::vector<model::DenyCondition>> list(Transaction& tx, const std::string& tenant) {
  return rows::denies(tx, {.condition = "domain = ?", .values = {tenant}, .order = ""});
}

}  // namespace apim::store::denies
