#include "store/condition_groups.h"

#include <map>

#include "store/enum_text.h"

namespace apim::store::condition_groups {
namespace {

using model::Condition;

// The three tables of a name and a pattern differ in names only.
struct NamedTable {
  Condition::Kind kind;
  const char* insert;
  const char* select;
};

constexpr std::array kNamedTables{
    NamedTable{Condition::Kind::Header,
               "INSERT INTO am_header_field_condition (header_field_id, condition_group_id, "
               "header_field_name, header_field_value, is_header_field_mapping) VALUES "
               "(?, ?, ?, ?, ?)",
               "SELECT header_field_id, header_field_name, header_field_value, "
               "is_header_field_mapping FROM am_header_field_condition WHERE condition_group_id = "
               "?"},
    NamedTable{Condition::Kind::QueryParameter,
               "INSERT INTO am_query_parameter_condition (query_parameter_id, condition_group_id, "
               "parameter_name, parameter_value, is_param_mapping) VALUES (?, ?, ?, ?, ?)",
               "SELECT query_parameter_id, parameter_name, parameter_value, is_param_mapping FROM "
               "am_query_parameter_condition WHERE condition_group_id = ?"},
    NamedTable{Condition::Kind::Claim,
               "INSERT INTO am_jwt_claim_condition (jwt_claim_id, condition_group_id, claim_uri, "
               "claim_attrib, is_claim_mapping) VALUES (?, ?, ?, ?, ?)",
               "SELECT jwt_claim_id, claim_uri, claim_attrib, is_claim_mapping FROM "
               "am_jwt_claim_condition WHERE condition_group_id = ?"},
};

Result<void> write_condition(Transaction& tx, int64_t group, const Condition& condition) {
  ASSIGN_OR_REFUSE(const uint32_t id, tx.next_id("condition"));
  const int64_t upright = condition.inverted ? 0 : 1;
  const bool is_range = condition.kind == Condition::Kind::IpRange;
  if (is_range || condition.kind == Condition::Kind::Ip) {
    const std::string none;
    CHECK_OR_REFUSE(
        tx.run("INSERT INTO am_ip_condition (am_ip_condition_id, condition_group_id, starting_ip, "
               "ending_ip, specific_ip, within_ip_range) VALUES (?, ?, ?, ?, ?, ?)",
               {int64_t{id}, group, is_range ? condition.name : none,
                is_range ? condition.value : none, is_range ? none : condition.value, upright}));
    return {};
  }
  for (const NamedTable& table : kNamedTables) {
    if (table.kind != condition.kind) continue;
    CHECK_OR_REFUSE(
        tx.run(table.insert, {int64_t{id}, group, condition.name, condition.value, upright}));
  }
  return {};
}

Result<void> read_conditions(Transaction& tx, int64_t group, std::vector<Condition>& conditions) {
  std::map<int64_t, Condition> by_id;  // one sequence numbers all kinds
  using std::string;
  CHECK_OR_REFUSE((tx.each<int64_t, string, string, string, int64_t>(
      "SELECT am_ip_condition_id, starting_ip, ending_ip, specific_ip, within_ip_range FROM "
      "am_ip_condition WHERE condition_group_id = ?",
      {group}, [&](int64_t id, string first, string last, string address, int64_t upright) {
        const bool is_range = address.empty();
        by_id[id] = {.kind = is_range ? Condition::Kind::IpRange : Condition::Kind::Ip,
                     .inverted = upright == 0,
                     .name = std::move(first),
                     .value = is_range ? std::move(last) : std::move(address)};
      })));
  for (const NamedTable& table : kNamedTables) {
    CHECK_OR_REFUSE((tx.each<int64_t, string, string, int64_t>(
        table.select, {group}, [&](int64_t id, string name, string value, int64_t upright) {
          by_id[id] = {.kind = table.kind,
                       .inverted = upright == 0,
                       .name = std::move(name),
                       .value = std::move(value)};
        })));
  }
  for (auto& [id, condition] : by_id) conditions.push_back(std::move(condition));
  return {};
}

}  // namespace

Result<void> write(Transaction& tx, const model::ThrottlePolicy& policy) {
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_condition_group WHERE policy_id = ?", {int64_t{policy.id}}));
  for (const model::ConditionGroup& group : policy.groups) {
    ASSIGN_OR_REFUSE(const uint32_t id, tx.next_id("condition_group"));
    CHECK_OR_REFUSE(
        tx.run("INSERT INTO am_condition_group (condition_group_id, policy_id, quota_type, quota, "
               "unit_time, time_unit, description) VALUES (?, ?, ?, ?, ?, ?, ?)",
               {int64_t{id}, int64_t{policy.id}, text_of(group.limit.kind),
                static_cast<int64_t>(group.limit.count), int64_t{group.limit.unit_time},
                text_of(group.limit.unit), group.description}));
    for (const Condition& condition : group.conditions) {
      CHECK_OR_REFUSE(write_condition(tx, id, condition));
    }
  }
  return {};
}

Result<void> read(Transaction& tx, std::vector<model::ThrottlePolicy>& policies) {
  EnumReader reader;
  using std::string;
  for (model::ThrottlePolicy& policy : policies) {
    std::vector<int64_t> ids;
    CHECK_OR_REFUSE((tx.each<int64_t, string, int64_t, int64_t, string, string>(
        "SELECT condition_group_id, quota_type, quota, unit_time, time_unit, description FROM "
        "am_condition_group WHERE policy_id = ? ORDER BY condition_group_id",
        {int64_t{policy.id}},
        [&](int64_t id, const string& kind, int64_t count, int64_t unit_time, const string& unit,
            string description) {
          ids.push_back(id);
          policy.groups.push_back({.description = std::move(description),
                                   .conditions = {},
                                   .limit = {.kind = reader.read<model::QuotaKind>(kind),
                                             .count = static_cast<uint64_t>(count),
                                             .unit_time = static_cast<uint32_t>(unit_time),
                                             .unit = reader.read<model::TimeUnit>(unit)}});
        })));
    for (size_t i = 0; i < ids.size(); ++i) {
      CHECK_OR_REFUSE(read_conditions(tx, ids[i], policy.groups[i].conditions));
    }
  }
  return reader.check("am_condition_group");
}

}  // namespace apim::store::condition_groups
