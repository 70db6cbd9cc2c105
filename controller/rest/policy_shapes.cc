#include "rest/policy_shapes.h"

#include <fmt/format.h>

#include <array>

#include "rest/fields.h"
#include "rest/page.h"
#include "service/policies.h"

namespace apim::rest {
namespace {

using model::Condition;
using model::DenyCondition;
using model::Limit;
using model::PolicyLevel;
using model::QuotaKind;
using model::ThrottlePolicy;
using model::TimeUnit;
using nlohmann::json;

constexpr std::array kUnits{"sec", "min", "hour", "day", "week", "month", "year"};
constexpr uint64_t kUnlimitedCount = 2147483647;  // how WSO2 writes "no limit"

json members(const ThrottlePolicy& policy) {
  json kept = json::parse(policy.document, nullptr, false);
  return kept.is_object() ? kept : json::object();
}

TimeUnit read_unit(Fields& fields, const char* name) {
  const std::string text = fields.required_text(name);
  for (size_t i = 0; i < kUnits.size(); ++i)
    if (text == kUnits[i]) return static_cast<TimeUnit>(i);
  if (!text.empty())
    fields.fail(name,
                fmt::format("must be sec, min, hour, day, week, month or year, is '{}'", text));
  return TimeUnit::Minute;
}

const char* to_text(TimeUnit unit) { return kUnits.at(static_cast<size_t>(unit)); }

uint64_t read_count(Fields& fields, const char* name) {
  const int64_t count = fields.number(name, -1);
  if (count < 1) fields.fail(name, "must be a whole number of at least 1");
  return count < 1 ? 1 : static_cast<uint64_t>(count);
}

uint64_t read_data_amount(Fields& fields) {
  const uint64_t amount = read_count(fields, "dataAmount");
  const std::string unit = fields.required_text("dataUnit");
  const uint64_t factor = unit == "KB"   ? 1 << 10
                          : unit == "MB" ? 1 << 20
                          : unit == "GB" ? 1 << 30
                                         : 0;
  if (factor == 0 && !unit.empty())
    fields.fail("dataUnit", fmt::format("must be KB, MB or GB, is '{}'", unit));
  if (factor != 0 && amount > INT64_MAX / factor) {
    fields.fail("dataAmount", "is too large");
    return 1;
  }
  return amount * std::max<uint64_t>(factor, 1);
}

struct QuotaRow {
  QuotaKind kind;
  const char* type;
  const char* member;
};
constexpr std::array<QuotaRow, 4> kQuotas{
    {{QuotaKind::Requests, "REQUESTCOUNTLIMIT", "requestCount"},
     {QuotaKind::Bytes, "BANDWIDTHLIMIT", "bandwidth"},
     {QuotaKind::Events, "EVENTCOUNTLIMIT", "eventCount"},
     {QuotaKind::AiTokens, "AIAPIQUOTALIMIT", "aiApiQuota"}}};

Limit read_limit(Fields& outer, const char* name) {
  Limit limit;
  const json* object = outer.object(name);
  if (object == nullptr) {
    outer.fail(name, "is missing");
    return limit;
  }
  Fields fields(*object, outer.place(name));
  const std::string type = fields.required_text("type");
  const QuotaRow* row = nullptr;
  for (const QuotaRow& candidate : kQuotas)
    if (type == candidate.type) row = &candidate;
  const json* quota = row == nullptr ? nullptr : fields.object(row->member);
  if (row == nullptr) {
    if (!type.empty())
      fields.fail("type", fmt::format("must be REQUESTCOUNTLIMIT, BANDWIDTHLIMIT, EVENTCOUNTLIMIT "
                                      "or AIAPIQUOTALIMIT, is '{}'",
                                      type));
  } else if (quota == nullptr) {
    fields.fail(row->member, "is missing");
  } else {
    Fields inner(*quota, fields.place(row->member));
    limit.kind = row->kind;
    limit.unit = read_unit(inner, "timeUnit");
    const int64_t unit_time = inner.number("unitTime", 1);
    if (unit_time < 1 || unit_time > 1'000'000) inner.fail("unitTime", "must be 1 to 1000000");
    limit.unit_time = unit_time < 1 || unit_time > 1'000'000 ? 1 : static_cast<uint32_t>(unit_time);
    const char* count = row->kind == QuotaKind::Events ? "eventCount" : "requestCount";
    limit.count =
        row->kind == QuotaKind::Bytes ? read_data_amount(inner) : read_count(inner, count);
    if (row->kind == QuotaKind::Requests && limit.count >= kUnlimitedCount) limit.count = 0;
    fields.absorb(std::move(inner));
  }
  outer.absorb(std::move(fields));
  return limit;
}

json limit_json(const Limit& limit) {
  const QuotaRow& row = kQuotas.at(static_cast<size_t>(limit.kind));
  json quota = {{"timeUnit", to_text(limit.unit)}, {"unitTime", limit.unit_time}};
  const uint64_t count = limit.is_unlimited() ? kUnlimitedCount : limit.count;
  if (limit.kind == QuotaKind::Bytes) {
    const bool mega = count % (1 << 20) == 0;
    quota["dataAmount"] = mega ? count >> 20 : (count + 1023) >> 10;
    quota["dataUnit"] = mega ? "MB" : "KB";
  } else {
    quota[limit.kind == QuotaKind::Events ? "eventCount" : "requestCount"] = count;
  }
  return {{"type", row.type}, {row.member, std::move(quota)}};
}

// rateLimitCount and rateLimitTimeUnit; 0, -1 or absent: none.
Limit read_burst(Fields& fields) {
  Limit burst;
  const int64_t count = fields.number("rateLimitCount", 0);
  if (count <= 0) return burst;
  const std::string unit = fields.text("rateLimitTimeUnit", "sec");
  if (unit != "sec" && unit != "min")
    fields.fail("rateLimitTimeUnit", fmt::format("must be sec or min, is '{}'", unit));
  burst.count = static_cast<uint64_t>(count);
  burst.unit = unit == "min" ? TimeUnit::Minute : TimeUnit::Second;
  return burst;
}

void write_burst(json& into, const Limit& burst) {
  into["rateLimitCount"] = burst.is_unlimited() ? 0 : burst.count;
  into["rateLimitTimeUnit"] = burst.is_unlimited() ? "sec" : to_text(burst.unit);
}

// ---- conditions of advanced policies

Condition read_ip_condition(Fields& outer) {
  Condition condition;
  const json* object = outer.object("ipCondition");
  if (object == nullptr) {
    outer.fail("ipCondition", "is missing");
    return condition;
  }
  Fields fields(*object, outer.place("ipCondition"));
  const std::string type = fields.text("ipConditionType", "IPSPECIFIC");
  if (type == "IPRANGE") {
    condition.kind = Condition::Kind::IpRange;
    condition.name = fields.required_text("startingIP");
    condition.value = fields.required_text("endingIP");
  } else if (type == "IPSPECIFIC") {
    condition.kind = Condition::Kind::Ip;
    condition.value = fields.required_text("specificIP");
  } else {
    fields.fail("ipConditionType", fmt::format("must be IPSPECIFIC or IPRANGE, is '{}'", type));
  }
  outer.absorb(std::move(fields));
  return condition;
}

struct PairRow {
  Condition::Kind kind;
  const char* type;
  const char* member;
  const char* name;
  const char* value;
};
constexpr std::array<PairRow, 3> kPairs{
    {{Condition::Kind::Header, "HEADERCONDITION", "headerCondition", "headerName", "headerValue"},
     {Condition::Kind::QueryParameter, "QUERYPARAMETERCONDITION", "queryParameterCondition",
      "parameterName", "parameterValue"},
     {Condition::Kind::Claim, "JWTCLAIMSCONDITION", "jwtClaimsCondition", "claimUrl",
      "attribute"}}};

Condition read_condition(Fields& fields) {
  Condition condition;
  const std::string type = fields.required_text("type");
  const PairRow* row = nullptr;
  for (const PairRow& candidate : kPairs)
    if (type == candidate.type) row = &candidate;
  if (type == "IPCONDITION") {
    condition = read_ip_condition(fields);
  } else if (row == nullptr) {
    if (!type.empty())
      fields.fail("type", fmt::format("must be IPCONDITION, HEADERCONDITION, "
                                      "QUERYPARAMETERCONDITION or JWTCLAIMSCONDITION, is '{}'",
                                      type));
  } else if (const json* object = fields.object(row->member)) {
    Fields pair(*object, fields.place(row->member));
    condition.kind = row->kind;
    condition.name = pair.required_text(row->name);
    condition.value = pair.required_text(row->value);
    fields.absorb(std::move(pair));
  } else {
    fields.fail(row->member, "is missing");
  }
  condition.inverted = fields.flag("invertCondition", false);
  return condition;
}

json condition_json(const Condition& condition) {
  json body = {{"invertCondition", condition.inverted}};
  if (condition.kind == Condition::Kind::Ip || condition.kind == Condition::Kind::IpRange) {
    const bool range = condition.kind == Condition::Kind::IpRange;
    body["type"] = "IPCONDITION";
    body["ipCondition"] = {{"ipConditionType", range ? "IPRANGE" : "IPSPECIFIC"}};
    if (range) {
      body["ipCondition"]["startingIP"] = condition.name;
      body["ipCondition"]["endingIP"] = condition.value;
    } else {
      body["ipCondition"]["specificIP"] = condition.value;
    }
    return body;
  }
  for (const PairRow& row : kPairs) {
    if (row.kind != condition.kind) continue;
    body["type"] = row.type;
    body[row.member] = {{row.name, condition.name}, {row.value, condition.value}};
  }
  return body;
}

std::vector<model::ConditionGroup> read_groups(Fields& fields) {
  std::vector<model::ConditionGroup> groups;
  const json* array = fields.array("conditionalGroups");
  if (array == nullptr) return groups;
  for (size_t i = 0; i < array->size(); ++i) {
    Fields inner((*array)[i], fmt::format("conditionalGroups[{}]", i));
    model::ConditionGroup group;
    group.description = inner.text("description");
    group.limit = read_limit(inner, "limit");
    const json* conditions = inner.array("conditions");
    if (conditions == nullptr || conditions->empty())
      inner.fail("conditions", "name at least one condition");
    for (size_t k = 0; conditions != nullptr && k < conditions->size(); ++k) {
      Fields one((*conditions)[k], fmt::format("conditionalGroups[{}].conditions[{}]", i, k));
      group.conditions.push_back(read_condition(one));
      inner.absorb(std::move(one));
    }
    fields.absorb(std::move(inner));
    groups.push_back(std::move(group));
  }
  return groups;
}

json groups_json(const ThrottlePolicy& policy) {
  json list = json::array();
  for (const model::ConditionGroup& group : policy.groups) {
    json conditions = json::array();
    for (const Condition& condition : group.conditions)
      conditions.push_back(condition_json(condition));
    list.push_back({{"description", group.description},
                    {"conditions", std::move(conditions)},
                    {"limit", limit_json(group.limit)}});
  }
  return list;
}

const char* type_of(PolicyLevel level) {
  switch (level) {
    case PolicyLevel::Subscription: return "SubscriptionThrottlePolicy";
    case PolicyLevel::Application: return "ApplicationThrottlePolicy";
    case PolicyLevel::Advanced: return "AdvancedThrottlePolicy";
  }
  return "";
}

}  // namespace

std::string to_text(PolicyLevel level) {
  switch (level) {
    case PolicyLevel::Subscription: return "subscription";
    case PolicyLevel::Application: return "application";
    case PolicyLevel::Advanced: return "api";
  }
  return "";
}

model::Result<PolicyLevel> read_level(const std::string& text) {
  if (text == "subscription") return PolicyLevel::Subscription;
  if (text == "application") return PolicyLevel::Application;
  if (text == "api" || text == "advanced") return PolicyLevel::Advanced;
  return model::refuse(model::not_found(900365, "Policy level '" + text + "'"));
}

json policy_json(const ThrottlePolicy& policy) {
  json body = members(policy);
  body["policyId"] = policy.uuid;
  body["policyName"] = policy.name;
  body["displayName"] = policy.display_name.empty() ? policy.name : policy.display_name;
  body["description"] = policy.description;
  body["isDeployed"] = true;
  body["type"] = type_of(policy.level);
  body["defaultLimit"] = limit_json(policy.limit);
  if (policy.level == PolicyLevel::Subscription) {
    write_burst(body, policy.burst);
    body["stopOnQuotaReach"] = policy.stops_on_quota;
    body["billingPlan"] = policy.billing_plan;
  } else if (policy.level == PolicyLevel::Application) {
    body["burstLimit"] = json::object();
    write_burst(body["burstLimit"], policy.burst);
  } else {
    body["conditionalGroups"] = groups_json(policy);
  }
  return body;
}

model::Result<ThrottlePolicy> read_policy(const json& body, PolicyLevel level) {
  Fields fields(body);
  ThrottlePolicy policy;
  policy.level = level;
  policy.name = fields.required_text("policyName");
  policy.display_name = fields.text("displayName", policy.name);
  policy.description = fields.text("description");
  policy.limit = read_limit(fields, "defaultLimit");
  if (level == PolicyLevel::Subscription) {
    policy.burst = read_burst(fields);
    policy.stops_on_quota = fields.flag("stopOnQuotaReach", false);
    policy.billing_plan = fields.text("billingPlan", "FREE");
    if (policy.billing_plan != "FREE" && policy.billing_plan != "COMMERCIAL")
      fields.fail("billingPlan", "must be FREE or COMMERCIAL");
  } else if (level == PolicyLevel::Application) {
    if (const json* object = fields.object("burstLimit")) {
      Fields burst(*object, "burstLimit");
      policy.burst = read_burst(burst);
      fields.absorb(std::move(burst));
    }
  } else {
    policy.groups = read_groups(fields);
  }
  CHECK_OR_REFUSE(fields.done("The policy is not valid"));
  policy.document = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return policy;
}

json tier_json(const ThrottlePolicy& policy) {
  return {{"name", policy.name},
          {"displayName", policy.display_name.empty() ? policy.name : policy.display_name},
          {"description", policy.description},
          {"policyLevel", to_text(policy.level)},
          {"requestCount", policy.limit.is_unlimited() ? kUnlimitedCount : policy.limit.count},
          {"timeUnit", to_text(policy.limit.unit)},
          {"unitTime", policy.limit.unit_time},
          {"quotaPolicyType", kQuotas.at(static_cast<size_t>(policy.limit.kind)).type},
          {"tierPlan", policy.billing_plan},
          {"stopOnQuotaReach", policy.stops_on_quota}};
}

model::Result<Answer> tiers_answer(service::Context& context, const Call& call,
                                   const service::Permission& permission) {
  ASSIGN_OR_REFUSE(const PolicyLevel level, read_level(call.parameters[0]));
  ASSIGN_OR_REFUSE(const store::Page page, read_page(call.request));
  ASSIGN_OR_REFUSE(const auto all,
                   service::policies::list(context, call.caller, level, permission));
  json list = json::array();
  for (size_t i = page.offset; i < all.size() && list.size() < page.limit; ++i)
    list.push_back(tier_json(all[i]));
  return page_answer(call, page, std::move(list), all.size());
}

json deny_json(const DenyCondition& condition) {
  using Kind = DenyCondition::Kind;
  json value = condition.value;
  const char* type = "API";
  switch (condition.kind) {
    case Kind::Api: break;
    case Kind::Application: type = "APPLICATION"; break;
    case Kind::User: type = "USER"; break;
    case Kind::Ip:
      type = "IP";
      value = {{"fixedIp", condition.value}, {"invert", condition.inverted}};
      break;
    case Kind::IpRange:
      type = "IPRANGE";
      value = {{"startingIp", condition.value},
               {"endingIp", condition.last},
               {"invert", condition.inverted}};
      break;
  }
  return {{"conditionId", condition.uuid},
          {"conditionType", type},
          {"conditionValue", std::move(value)},
          {"conditionStatus", condition.enabled}};
}

model::Result<DenyCondition> read_deny(const json& body) {
  using Kind = DenyCondition::Kind;
  Fields fields(body);
  DenyCondition condition;
  const std::string type = fields.required_text("conditionType");
  condition.enabled = fields.flag("conditionStatus", true);
  const bool is_address = type == "IP" || type == "IPRANGE";
  const bool is_object =
      body.is_object() && body.contains("conditionValue") && body["conditionValue"].is_object();
  if (is_address && is_object) {
    Fields value(body["conditionValue"], "conditionValue");
    condition.inverted = value.flag("invert", false);
    condition.kind = type == "IP" ? Kind::Ip : Kind::IpRange;
    condition.value = value.required_text(type == "IP" ? "fixedIp" : "startingIp");
    if (type == "IPRANGE") condition.last = value.required_text("endingIp");
    fields.absorb(std::move(value));
  } else if (type == "IPRANGE") {
    fields.fail("conditionValue", "must be {\"startingIp\", \"endingIp\", \"invert\"}");
  } else if (type == "API" || type == "APPLICATION" || type == "USER" || type == "IP") {
    condition.kind = type == "API"           ? Kind::Api
                     : type == "APPLICATION" ? Kind::Application
                     : type == "USER"        ? Kind::User
                                             : Kind::Ip;
    condition.value = fields.required_text("conditionValue");
  } else if (!type.empty()) {
    fields.fail("conditionType",
                fmt::format("must be API, APPLICATION, USER, IP or IPRANGE, is '{}'", type));
  }
  CHECK_OR_REFUSE(fields.done("The deny condition is not valid"));
  return condition;
}

json environment_json(const model::Environment& environment) {
  json hosts = json::array();
  for (const std::string& host : environment.vhosts)
    hosts.push_back({{"host", host}, {"httpContext", ""}, {"httpPort", 8280}, {"httpsPort", 8243}});
  return {{"id", environment.uuid},
          {"name", environment.name},
          {"displayName",
           environment.display_name.empty() ? environment.name : environment.display_name},
          {"description", environment.description},
          {"provider", "wso2"},
          {"type", "hybrid"},
          {"gatewayType", "Regular"},
          {"isReadOnly", false},
          {"vhosts", std::move(hosts)}};
}

model::Result<model::Environment> read_environment(const json& body) {
  Fields fields(body);
  model::Environment environment;
  environment.name = fields.required_text("name");
  environment.display_name = fields.text("displayName", environment.name);
  environment.description = fields.text("description");
  const json* hosts = fields.array("vhosts");
  if (hosts == nullptr || hosts->empty()) fields.fail("vhosts", "name at least one host");
  for (size_t i = 0; hosts != nullptr && i < hosts->size(); ++i) {
    Fields host((*hosts)[i], fmt::format("vhosts[{}]", i));
    environment.vhosts.push_back(host.required_text("host"));
    if (!host.text("httpContext").empty()) host.fail("httpContext", "is not supported");
    fields.absorb(std::move(host));
  }
  CHECK_OR_REFUSE(fields.done("The gateway environment is not valid"));
  return environment;
}

}  // namespace apim::rest
