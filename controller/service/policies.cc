#include "service/policies.h"

#include <fmt/format.h>

#include <cctype>

#include "compile/check.h"
#include "store/policies.h"

namespace apim::service::policies {
namespace {

namespace rows = store::policies;
using model::PolicyLevel;
using model::ThrottlePolicy;

constexpr int kCodeInvalid = 900700;
constexpr int kCodeNotFound = 900365;
constexpr int kCodeInUse = 900971;
constexpr size_t kNameMax = 60;

std::string name_of(const ThrottlePolicy& policy) {
  switch (policy.level) {
    case PolicyLevel::Subscription: return fmt::format("subscription policy '{}'", policy.name);
    case PolicyLevel::Application: return fmt::format("application policy '{}'", policy.name);
    case PolicyLevel::Advanced: return fmt::format("advanced policy '{}'", policy.name);
  }
  return policy.name;
}

Result<void> check(const ThrottlePolicy& policy) {
  const auto invalid = [](std::string why) {
    return model::refuse(
        model::bad_request(kCodeInvalid, "The policy is not valid", std::move(why)));
  };
  if (policy.name.empty() || policy.name.size() > kNameMax)
    return invalid(fmt::format("policyName must have 1 to {} characters", kNameMax));
  for (const char c : policy.name) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    if (!plain)
      return invalid(
          fmt::format("policyName '{}' may only have letters, digits and _-.", policy.name));
  }
  if (policy.limit.unit_time == 0) return invalid("unitTime must be at least 1");
  return {};
}

// Gateways enforce these without anybody naming them, so they are always in use.
bool is_standing(const ThrottlePolicy& policy) {
  return policy.level == PolicyLevel::Subscription && compile::is_standing_name(policy.name);
}

}  // namespace

Result<std::vector<ThrottlePolicy>> list(Context& context, const Caller& caller, PolicyLevel level,
                                         const Permission& permission) {
  return look(context, caller, permission,
              [&](Transaction& tx) { return rows::list(tx, caller.tenant, level); });
}

Result<ThrottlePolicy> get(Context& context, const Caller& caller, PolicyLevel level,
                           const std::string& uuid, const Permission& permission) {
  return look(context, caller, permission,
              [&](Transaction& tx) { return rows::find(tx, caller.tenant, level, uuid); });
}

Result<ThrottlePolicy> get_by_name(Context& context, const Caller& caller, PolicyLevel level,
                                   const std::string& name, const Permission& permission) {
  return look(context, caller, permission, [&](Transaction& tx) -> Result<ThrottlePolicy> {
    ASSIGN_OR_REFUSE(auto found, rows::find_by_name(tx, caller.tenant, level, name));
    if (!found) return model::refuse(model::not_found(kCodeNotFound, "Policy '" + name + "'"));
    return std::move(*found);
  });
}

Result<Changed<ThrottlePolicy>> create(Context& context, const Caller& caller,
                                       ThrottlePolicy policy) {
  policy.id = 0;
  policy.uuid.clear();
  policy.tenant = caller.tenant;
  return change(context, caller, permissions::kTierManage,
                [&](Transaction& tx) -> Result<ThrottlePolicy> {
                  CHECK_OR_REFUSE(check(policy));
                  ASSIGN_OR_REFUSE(ThrottlePolicy stored, rows::insert(tx, policy));
                  CHECK_OR_REFUSE(note(tx, caller, "policy.create", name_of(stored)));
                  return stored;
                });
}

Result<Changed<ThrottlePolicy>> update(Context& context, const Caller& caller,
                                       const std::string& uuid, const ThrottlePolicy& wanted) {
  return change(context, caller, permissions::kTierManage,
                [&](Transaction& tx) -> Result<ThrottlePolicy> {
                  ASSIGN_OR_REFUSE(const ThrottlePolicy before,
                                   rows::find(tx, caller.tenant, wanted.level, uuid));
                  ThrottlePolicy policy = wanted;
                  policy.id = before.id;
                  policy.uuid = before.uuid;
                  policy.tenant = before.tenant;
                  if (policy.name.empty()) policy.name = before.name;
                  CHECK_OR_REFUSE(check(policy));
                  if (policy.name != before.name) {
                    return model::refuse(model::bad_request(
                        kCodeInvalid, "A policy's name cannot change",
                        fmt::format("{} cannot become '{}'", name_of(before), policy.name)));
                  }
                  ASSIGN_OR_REFUSE(const rows::Usage usage,
                                   rows::usage(tx, caller.tenant, policy.level, policy.name));
                  if (const std::string why = compile::why_not_enforced(policy);
                      !why.empty() && (!usage.none() || is_standing(policy))) {
                    return model::refuse(model::bad_request(
                        kCodeInUse, "The policy is in use",
                        fmt::format("{} would not be enforced: it {}", name_of(policy), why)));
                  }
                  ASSIGN_OR_REFUSE(ThrottlePolicy stored, rows::update(tx, std::move(policy)));
                  CHECK_OR_REFUSE(note(tx, caller, "policy.update", name_of(stored)));
                  return stored;
                });
}

Result<Changed<Nothing>> remove(Context& context, const Caller& caller, PolicyLevel level,
                                const std::string& uuid) {
  return change(context, caller, permissions::kTierManage, [&](Transaction& tx) -> Result<Nothing> {
    ASSIGN_OR_REFUSE(const ThrottlePolicy policy, rows::find(tx, caller.tenant, level, uuid));
    if (is_standing(policy)) {
      return model::refuse(model::Problem{
          .http_status = 403,
          .code = kCodeInUse,
          .message = "Cannot delete the throttling policy",
          .description = fmt::format("the {} is what every gateway applies without a subscription",
                                     name_of(policy))});
    }
    CHECK_OR_REFUSE(rows::remove(tx, caller.tenant, level, uuid));
    CHECK_OR_REFUSE(note(tx, caller, "policy.delete", name_of(policy)));
    return Nothing{};
  });
}

}  // namespace apim::service::policies
