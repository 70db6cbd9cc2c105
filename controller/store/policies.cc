#include "store/policies.h"

#include "store/condition_groups.h"
#include "store/enum_text.h"
#include "store/rows.h"

namespace apim::store {
namespace {

using model::PolicyLevel;
using model::ThrottlePolicy;

// What the three tables call things.
struct Table {
  const char* noun;
  const char* name;
  const char* quota;   // prefix of the quota's columns
  const char* burst;   // three expressions
  const char* extras;  // stop_on_quota_reach, billing_plan, applicable_level
  int code_exists;
};

const Table& table_of(PolicyLevel level) {
  static constexpr Table kSubscription{
      "subscription throttling policy",
      "am_policy_subscription",
      "",
      "rate_limit_count, rate_limit_unit_time, rate_limit_time_unit",
      "stop_on_quota_reach, billing_plan, ''",
      902902};
  static constexpr Table kApplication{
      "application throttling policy",
      "am_policy_application",
      "",
      "rate_limit_count, rate_limit_unit_time, rate_limit_time_unit",
      "1, 'FREE', ''",
      902901};
  static constexpr Table kAdvanced{"advanced throttling policy",
                                   "am_api_throttle_policy",
                                   "default_",
                                   "0, 1, 'min'",
                                   "1, 'FREE', applicable_level",
                                   902900};
  switch (level) {
    case PolicyLevel::Subscription: return kSubscription;
    case PolicyLevel::Application: return kApplication;
    case PolicyLevel::Advanced: break;
  }
  return kAdvanced;
}

std::string select_of(PolicyLevel level) {
  const Table& table = table_of(level);
  const std::string quota = table.quota;
  return "SELECT policy_id, uuid, organization, name, display_name, description, " + quota +
         "quota_type, " + quota + "quota, " + quota + "unit_time, " + quota + "time_unit, " +
         table.burst + ", " + table.extras + ", document FROM " + table.name;
}

}  // namespace

namespace rows {

Result<std::vector<ThrottlePolicy>> policies(Transaction& tx, PolicyLevel level,
                                             const Where& where) {
  std::vector<ThrottlePolicy> found;
  EnumReader reader;
  using std::string;
  CHECK_OR_REFUSE(
      (tx.each<int64_t, string, string, string, string, string, string, int64_t, int64_t, string,
               int64_t, int64_t, string, int64_t, string, string, string>(
          select_of(level) + " WHERE " + where.condition + " ORDER BY policy_id", where.values,
          [&](int64_t id, string uuid, string tenant, string name, string display_name,
              string description, const string& kind, int64_t count, int64_t unit_time,
              const string& unit, int64_t burst, int64_t burst_unit_time, const string& burst_unit,
              int64_t stops, string billing_plan, const string& applicable, string document) {
            ThrottlePolicy& policy = found.emplace_back();
            policy.id = static_cast<uint32_t>(id);
            policy.uuid = std::move(uuid);
            policy.tenant = std::move(tenant);
            policy.level = level;
            policy.name = std::move(name);
            policy.display_name = std::move(display_name);
            policy.description = std::move(description);
            policy.limit = {.kind = reader.read<model::QuotaKind>(kind),
                            .count = static_cast<uint64_t>(count),
                            .unit_time = static_cast<uint32_t>(unit_time),
                            .unit = reader.read<model::TimeUnit>(unit)};
            policy.burst = {.kind = model::QuotaKind::Requests,
                            .count = static_cast<uint64_t>(burst),
                            .unit_time = static_cast<uint32_t>(burst_unit_time),
                            .unit = reader.read<model::TimeUnit>(burst_unit)};
            policy.stops_on_quota = stops != 0;
            policy.per_user = applicable == "userLevel";
            policy.billing_plan = std::move(billing_plan);
            policy.document = std::move(document);
          })));
  CHECK_OR_REFUSE(reader.check(table_of(level).name));
  if (level == PolicyLevel::Advanced) CHECK_OR_REFUSE(condition_groups::read(tx, found));
  return found;
}

}  // namespace rows

namespace policies {
namespace {

std::string named(const ThrottlePolicy& policy) {
  return std::string(table_of(policy.level).noun) + " '" + policy.name + "'";
}

struct Column {
  std::string name;
  Value value;
};

// Everything but the key: id, uuid, organization, name.
std::vector<Column> columns_of(const ThrottlePolicy& policy) {
  const std::string quota = table_of(policy.level).quota;
  std::vector<Column> columns{
      {"display_name", policy.display_name},
      {"description", policy.description},
      {quota + "quota_type", text_of(policy.limit.kind)},
      {quota + "quota", static_cast<int64_t>(policy.limit.count)},
      {quota + "unit_time", int64_t{policy.limit.unit_time}},
      {quota + "time_unit", text_of(policy.limit.unit)},
      {"document", policy.document},
  };
  if (policy.level == PolicyLevel::Advanced) {
    columns.push_back(
        {"applicable_level", std::string(policy.per_user ? "userLevel" : "apiLevel")});
    return columns;
  }
  columns.push_back({"rate_limit_count", static_cast<int64_t>(policy.burst.count)});
  columns.push_back({"rate_limit_unit_time", int64_t{policy.burst.unit_time}});
  columns.push_back({"rate_limit_time_unit", text_of(policy.burst.unit)});
  if (policy.level == PolicyLevel::Subscription) {
    columns.push_back({"stop_on_quota_reach", int64_t{policy.stops_on_quota}});
    columns.push_back({"billing_plan", policy.billing_plan});
  }
  return columns;
}

Result<void> write_row(Transaction& tx, const ThrottlePolicy& policy) {
  std::string names = "policy_id, uuid, organization, name";
  std::string places = "?, ?, ?, ?";
  std::vector<Value> values{int64_t{policy.id}, policy.uuid, policy.tenant, policy.name};
  for (const Column& column : columns_of(policy)) {
    names += ", " + column.name;
    places += ", ?";
    values.push_back(column.value);
  }
  CHECK_OR_REFUSE(tx.run("INSERT INTO " + std::string(table_of(policy.level).name) + " (" + names +
                             ") VALUES (" + places + ")",
                         values));
  return {};
}

Result<void> update_row(Transaction& tx, const ThrottlePolicy& policy) {
  std::string assignments;
  std::vector<Value> values;
  for (const Column& column : columns_of(policy)) {
    assignments += (assignments.empty() ? "" : ", ") + column.name + " = ?";
    values.push_back(column.value);
  }
  values.emplace_back(int64_t{policy.id});
  CHECK_OR_REFUSE(tx.run("UPDATE " + std::string(table_of(policy.level).name) + " SET " +
                             assignments + " WHERE policy_id = ?",
                         values));
  return {};
}

Result<uint64_t> count(Transaction& tx, const char* sql, const std::vector<Value>& values) {
  ASSIGN_OR_REFUSE(const int64_t found, tx.number(sql, values));
  return static_cast<uint64_t>(found);
}

std::string describe(const Usage& usage) {
  std::string text;
  const auto add = [&](uint64_t number, const char* what) {
    if (number == 0) return;
    text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + what;
  };
  add(usage.apis, "APIs");
  add(usage.applications, "applications");
  add(usage.subscriptions, "subscriptions");
  return text;
}

}  // namespace

Result<ThrottlePolicy> insert(Transaction& tx, ThrottlePolicy policy) {
  ASSIGN_OR_REFUSE(const auto taken, find_by_name(tx, policy.tenant, policy.level, policy.name));
  if (taken) {
    return model::refuse(model::conflict(
        table_of(policy.level).code_exists, "The throttling policy already exists",
        "there is a" + std::string(policy.level == PolicyLevel::Subscription ? " " : "n ") +
            named(policy) + " already"));
  }
  if (policy.uuid.empty()) policy.uuid = new_uuid();
  ASSIGN_OR_REFUSE(policy.id, tx.next_id("policy"));
  CHECK_OR_REFUSE(write_row(tx, policy));
  if (policy.level == PolicyLevel::Advanced) CHECK_OR_REFUSE(condition_groups::write(tx, policy));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Policy, policy.id));
  return policy;
}

Result<ThrottlePolicy> update(Transaction& tx, ThrottlePolicy policy) {
  ASSIGN_OR_REFUSE(const ThrottlePolicy stored, find(tx, policy.tenant, policy.level, policy.uuid));
  policy.id = stored.id;
  policy.name = stored.name;
  CHECK_OR_REFUSE(update_row(tx, policy));
  if (policy.level == PolicyLevel::Advanced) CHECK_OR_REFUSE(condition_groups::write(tx, policy));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Policy, policy.id));
  return policy;
}

Result<void> remove(Transaction& tx, const std::string& tenant, PolicyLevel level,
                    const std::string& uuid) {
  ASSIGN_OR_REFUSE(const ThrottlePolicy stored, find(tx, tenant, level, uuid));
  ASSIGN_OR_REFUSE(const Usage used, usage(tx, tenant, level, stored.name));
  if (!used.none()) {
    return model::refuse(
        Problem{.http_status = 403,
                .code = 900971,
                .message = "Cannot delete the throttling policy",
                .description = "the " + named(stored) + " is used by " + describe(used)});
  }
  CHECK_OR_REFUSE(tx.run(
      "DELETE FROM " + std::string(table_of(level).name) + " WHERE organization = ? AND uuid = ?",
      {tenant, uuid}));
  return tx.changed(model::Change::Kind::Policy, stored.id);
}

Result<ThrottlePolicy> find(Transaction& tx, const std::string& tenant, PolicyLevel level,
                            const std::string& uuid) {
  ASSIGN_OR_REFUSE(auto found, rows::policies(tx, level,
                                              {.condition = "organization = ? AND uuid = ?",
                                               .values = {tenant, uuid},
                                               .order = ""}));
  if (found.empty()) {
    return model::refuse(
        model::not_found(903005, std::string(table_of(level).noun) + " '" + uuid + "'"));
  }
  return std::move(found.front());
}

Result<std::optional<ThrottlePolicy>> find_by_name(Transaction& tx, const std::string& tenant,
                                                   PolicyLevel level, const std::string& name) {
  ASSIGN_OR_REFUSE(auto found, rows::policies(tx, level,
                                              {.condition = "organization = ? AND name = ?",
                                               .values = {tenant, name},
                                               .order = ""}));
  if (found.empty()) return std::optional<ThrottlePolicy>{};
  return std::optional<ThrottlePolicy>(std::move(found.front()));
}

Result<std::vector<ThrottlePolicy>> list(Transaction& tx, const std::string& tenant,
                                         PolicyLevel level) {
  return rows::policies(tx, level,
                        {.condition = "organization = ?", .values = {tenant}, .order = ""});
}

Result<Usage> usage(Transaction& tx, const std::string& tenant, PolicyLevel level,
                    const std::string& name) {
  Usage used;
  switch (level) {
    case PolicyLevel::Application: {
      ASSIGN_OR_REFUSE(used.applications,
                       count(tx,
                             "SELECT COUNT(*) FROM am_application WHERE organization = ? AND "
                             "application_tier = ?",
                             {tenant, name}));
      break;
    }
    case PolicyLevel::Subscription: {
      ASSIGN_OR_REFUSE(
          used.subscriptions,
          count(tx, "SELECT COUNT(*) FROM am_subscription WHERE organization = ? AND tier_id = ?",
                {tenant, name}));
      ASSIGN_OR_REFUSE(
          used.apis,
          count(tx,
                "SELECT COUNT(DISTINCT p.api_id) FROM apim_api_plan p JOIN am_api a ON a.api_id = "
                "p.api_id WHERE a.organization = ? AND p.policy_level = 'subscription' AND p.tier "
                "= ?",
                {tenant, name}));
      break;
    }
    case PolicyLevel::Advanced: {
      ASSIGN_OR_REFUSE(
          used.apis,
          count(tx,
                "SELECT COUNT(*) FROM am_api a WHERE a.organization = ? AND (EXISTS (SELECT 1 FROM "
                "am_api_url_mapping m WHERE m.api_id = a.api_id AND m.throttling_tier = ?) OR "
                "EXISTS (SELECT 1 FROM apim_api_plan p WHERE p.api_id = a.api_id AND "
                "p.policy_level = 'advanced' AND p.tier = ?))",
                {tenant, name, name}));
      break;
    }
  }
  return used;
}

Result<void> seed(Transaction& tx, const std::string& tenant) {
  for (const PolicyLevel level :
       {PolicyLevel::Subscription, PolicyLevel::Application, PolicyLevel::Advanced}) {
    ASSIGN_OR_REFUSE(const auto known, list(tx, tenant, level));
    if (!known.empty()) return {};
  }
  for (ThrottlePolicy& policy : model::shipped_policies()) {
    policy.tenant = tenant;
    CHECK_OR_REFUSE(insert(tx, std::move(policy)));
  }
  return {};
}

}  // namespace policies
}  // namespace apim::store
