#include "compile/limits.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "compile/addresses.h"
#include "compile/check.h"
#include "compile/text.h"
#include "limits_generated.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

constexpr uint64_t kWindowSecondsMax =
    uint64_t{100} * 366 * 86'400;  // Gateways refuse longer ones.

std::string_view quota_text(model::QuotaKind kind) {
  switch (kind) {
    case model::QuotaKind::Requests: return "requests";
    case model::QuotaKind::Bytes: return "bytes";
    case model::QuotaKind::Events: return "events";
    case model::QuotaKind::AiTokens: return "AI tokens";
  }
  return "unknown things";
}

uint64_t seconds_of(model::TimeUnit unit) {
  constexpr uint64_t kDay = 86'400;
  switch (unit) {
    case model::TimeUnit::Second: return 1;
    case model::TimeUnit::Minute: return 60;
    case model::TimeUnit::Hour: return 3'600;
    case model::TimeUnit::Day: return kDay;
    case model::TimeUnit::Week: return 7 * kDay;
    case model::TimeUnit::Month: return 31 * kDay;
    case model::TimeUnit::Year: return 366 * kDay;
  }
  return 0;
}

std::string why_not_burst_unit(const model::Limit& burst) {
  const bool is_short =
      burst.unit == model::TimeUnit::Second || burst.unit == model::TimeUnit::Minute;
  if (burst.is_unlimited() || is_short) return "";
  return "its burst limit is not per second or per minute";
}

}  // namespace

std::string why_not_limit(const model::Limit& limit) {
  if (limit.is_unlimited()) return "";
  if (limit.kind != model::QuotaKind::Requests) {
    return fmt::format("it counts {}; gateways only enforce limits that count requests so far",
                       quota_text(limit.kind));
  }
  if (limit.unit_time == 0) return "its unit time is 0";
  if (limit.unit_time * seconds_of(limit.unit) > kWindowSecondsMax) {
    return "its time window is longer than 100 years";
  }
  return "";
}

namespace {

// Deny conditions while they are gathered.
struct Denied {
  std::vector<uint64_t> apis;
  std::vector<uint64_t> applications;
  std::vector<uint64_t> users;
  std::vector<AddressRange> addresses;
  std::vector<AddressRange> outside;
};

std::optional<AddressRange> range_of(const model::DenyCondition& condition) {
  if (condition.kind == model::DenyCondition::Kind::Ip) {
    return parse_range(trimmed(condition.value));
  }
  const std::optional<Address> first = parse_address(trimmed(condition.value));
  const std::optional<Address> last = parse_address(trimmed(condition.last));
  if (!first.has_value() || !last.has_value() || *last < *first) return std::nullopt;
  return AddressRange{*first, *last};
}

// "admin" -> "admin@carbon.super"; a user that names its tenant stays.
std::string user_with_tenant(const model::DenyCondition& condition) {
  const std::string user(trimmed(condition.value));
  return user.find('@') == std::string::npos ? user + "@" + condition.tenant : user;
}

void gather(const model::DenyCondition& condition, Denied& denied) {
  using Denies = model::DenyCondition::Kind;
  const std::string_view value = trimmed(condition.value);
  switch (condition.kind) {
    case Denies::Api: denied.apis.push_back(layout::hash_bytes(value)); break;
    case Denies::Application: denied.applications.push_back(layout::hash_bytes(value)); break;
    case Denies::User:
      denied.users.push_back(layout::hash_bytes(user_with_tenant(condition)));
      break;
    case Denies::Ip:
    case Denies::IpRange:
      (condition.inverted ? denied.outside : denied.addresses).push_back(*range_of(condition));
      break;
  }
}

void sort_once(std::vector<uint64_t>& hashes) {
  std::ranges::sort(hashes);
  const auto repeated = std::ranges::unique(hashes);
  hashes.erase(repeated.begin(), repeated.end());
}

std::vector<fbs::IpRange> ip_ranges(const std::vector<AddressRange>& ranges) {
  std::vector<fbs::IpRange> out;
  for (const AddressRange& range : ranges) out.push_back(to_fbs(range));
  return out;
}

flatbuffers::Offset<fbs::Deny> write_deny(flatbuffers::FlatBufferBuilder& builder, Denied denied) {
  sort_once(denied.apis);
  sort_once(denied.applications);
  sort_once(denied.users);
  const std::vector<fbs::IpRange> addresses = ip_ranges(merged(std::move(denied.addresses)));
  const std::vector<fbs::IpRange> outside = ip_ranges(intersected(denied.outside));
  // One after the other, as everywhere: bytes must not depend on the compiler.
  const auto outside_list = builder.CreateVectorOfStructs(outside);
  const auto address_list = builder.CreateVectorOfStructs(addresses);
  const auto user_list = builder.CreateVector(denied.users);
  const auto application_list = builder.CreateVector(denied.applications);
  const auto api_list = builder.CreateVector(denied.apis);
  return fbs::CreateDeny(builder, api_list, application_list, user_list, address_list,
                         outside_list);
}

flatbuffers::Offset<fbs::ThrottlePolicy> write_policy(flatbuffers::FlatBufferBuilder& builder,
                                                      const model::ThrottlePolicy& policy) {
  const fbs::Limit limit = to_fbs(policy.limit);
  const fbs::Limit burst = to_fbs(policy.burst);
  return fbs::CreateThrottlePolicy(builder, policy.id, static_cast<fbs::PolicyLevel>(policy.level),
                                   builder.CreateString(policy.name), &limit, &burst,
                                   policy.stops_on_quota, policy.per_user);
}

}  // namespace

std::string_view to_text(model::PolicyLevel level) {
  switch (level) {
    case model::PolicyLevel::Subscription: return "subscription";
    case model::PolicyLevel::Application: return "application";
    case model::PolicyLevel::Advanced: return "advanced";
  }
  return "unknown";
}

std::string why_not_enforced(const model::ThrottlePolicy& policy) {
  if (!policy.groups.empty()) return "it has conditional groups, which gateways do not enforce yet";
  if (std::string why = why_not_limit(policy.limit); !why.empty()) return why;
  if (std::string why = why_not_limit(policy.burst); !why.empty()) return "burst limit: " + why;
  return why_not_burst_unit(policy.burst);
}

bool is_standing_name(std::string_view name) {
  return name == "Unauthenticated" || name == "DefaultSubscriptionless";
}

std::vector<Finding> check_deny(const model::DenyCondition& condition) {
  using Denies = model::DenyCondition::Kind;
  const bool is_address = condition.kind == Denies::Ip || condition.kind == Denies::IpRange;
  const std::string where = fmt::format("deny condition {}", condition.uuid);
  if (is_address && !range_of(condition).has_value()) {
    return {{where, condition.kind == Denies::Ip
                        ? fmt::format("'{}' is not an IP address or a CIDR range", condition.value)
                        : fmt::format("'{}' to '{}' is not a range of IP addresses, lowest first",
                                      condition.value, condition.last)}};
  }
  if (trimmed(condition.value).empty()) return {{where, "has an empty value"}};
  if (condition.kind == Denies::Application && condition.value.find(':') == std::string::npos) {
    return {{where, fmt::format("'{}' is not of the form owner:application", condition.value)}};
  }
  return {};
}

PolicyIndex::PolicyIndex(const std::map<uint32_t, model::ThrottlePolicy>& policies) {
  for (const auto& [id, policy] : policies) {
    entries_.try_emplace({policy.tenant, policy.level, policy.name},
                         Entry{.id = id, .why_not = why_not_enforced(policy)});
  }
}

std::expected<uint32_t, std::string> PolicyIndex::find(const PolicyName& name) const {
  if (model::is_unlimited_name(name.name)) return 0;
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    return std::unexpected(
        fmt::format("the {} policy '{}' does not exist", to_text(name.level), name.name));
  }
  if (!found->second.why_not.empty()) {
    return std::unexpected(fmt::format("the {} policy '{}' cannot be used: {}", to_text(name.level),
                                       name.name, found->second.why_not));
  }
  return found->second.id;
}

std::vector<PolicyName> PolicyIndex::differing(const PolicyIndex& other) const {
  std::vector<PolicyName> names;
  for (const auto& [name, entry] : entries_) {
    const auto found = other.entries_.find(name);
    if (found == other.entries_.end() || found->second != entry) names.push_back(name);
  }
  for (const auto& [name, entry] : other.entries_) {
    if (!entries_.contains(name)) names.push_back(name);
  }
  return names;
}

fbs::Limit to_fbs(const model::Limit& limit) {
  if (limit.is_unlimited()) return {0, 1, fbs::TimeUnit::Minute, fbs::QuotaKind::Requests};
  return {limit.count, limit.unit_time, static_cast<fbs::TimeUnit>(limit.unit),
          fbs::QuotaKind::Requests};
}

std::string build_limits(const std::map<uint32_t, model::ThrottlePolicy>& policies,
                         const std::vector<model::DenyCondition>& denies,
                         std::vector<Finding>& findings) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<fbs::ThrottlePolicy>> written;
  for (const auto& [id, policy] : policies) {
    if (id == 0) continue;
    const std::string why_not = why_not_enforced(policy);
    if (why_not.empty()) {
      written.push_back(write_policy(builder, policy));
    } else if (policy.level == model::PolicyLevel::Subscription && is_standing_name(policy.name)) {
      findings.push_back(
          {fmt::format("subscription policy {}", policy.name),
           fmt::format("is left out, gateways fall back to the shipped limit: {}", why_not)});
    }
  }
  Denied denied;
  for (const model::DenyCondition& condition : denies) {
    if (!condition.enabled) continue;
    const std::vector<Finding> wrong = check_deny(condition);
    findings.insert(findings.end(), wrong.begin(), wrong.end());
    if (wrong.empty()) gather(condition, denied);
  }
  const auto deny = write_deny(builder, std::move(denied));
  fbs::FinishLimitsBuffer(builder, fbs::CreateLimits(builder, builder.CreateVector(written), deny));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace apim::compile
