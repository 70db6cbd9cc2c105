#include "service/denies.h"

#include <fmt/format.h>

#include "compile/check.h"
#include "store/apis.h"
#include "store/applications.h"
#include "store/denies.h"

namespace apim::service::denies {
namespace {

namespace rows = store::denies;
using model::DenyCondition;

constexpr int kCodeInvalid = 900256;

auto invalid(std::string why) {
  return model::refuse(
      model::bad_request(kCodeInvalid, "The deny condition is not valid", std::move(why)));
}

// A condition on a name with a typing error would never match; say so now.
Result<void> check_exists(Transaction& tx, const Caller& caller, const DenyCondition& condition) {
  if (condition.kind == DenyCondition::Kind::Api) {
    ASSIGN_OR_REFUSE(const auto api,
                     store::apis::find_by_context(tx, caller.tenant, condition.value));
    if (!api)
      return invalid(
          fmt::format("no API has the context '{}'; it includes the version: \"/pizza/1.0.0\"",
                      condition.value));
  }
  if (condition.kind == DenyCondition::Kind::Application) {
    const size_t colon = condition.value.find(':');
    if (colon == std::string::npos)
      return invalid(fmt::format("'{}' must have the form owner:application", condition.value));
    ASSIGN_OR_REFUSE(
        const auto application,
        store::applications::find_by_name(tx, caller.tenant, condition.value.substr(0, colon),
                                          condition.value.substr(colon + 1)));
    if (!application) return invalid(fmt::format("there is no application '{}'", condition.value));
  }
  return {};
}

std::string name_of(const DenyCondition& condition) {
  return fmt::format("deny condition {} on '{}'", condition.uuid, condition.value);
}

}  // namespace

Result<std::vector<DenyCondition>> list(Context& context, const Caller& caller) {
  return look(context, caller, permissions::kDenyView,
              [&](Transaction& tx) { return rows::list(tx, caller.tenant); });
}

Result<DenyCondition> get(Context& context, const Caller& caller, const std::string& uuid) {
  return look(context, caller, permissions::kDenyView,
              [&](Transaction& tx) { return rows::find(tx, caller.tenant, uuid); });
}

Result<Changed<DenyCondition>> create(Context& context, const Caller& caller,
                                      DenyCondition condition) {
  condition.id = 0;
  condition.uuid.clear();
  condition.tenant = caller.tenant;
  return change(
      context, caller, permissions::kDenyManage, [&](Transaction& tx) -> Result<DenyCondition> {
        std::vector<model::Finding> findings = compile::check_deny(condition);
        if (!findings.empty())
          return model::refuse(
              model::invalid(kCodeInvalid, "The deny condition is not valid", std::move(findings)));
        CHECK_OR_REFUSE(check_exists(tx, caller, condition));
        ASSIGN_OR_REFUSE(DenyCondition stored, rows::insert(tx, condition));
        CHECK_OR_REFUSE(note(tx, caller, "deny.create", name_of(stored)));
        return stored;
      });
}

Result<Changed<DenyCondition>> enable(Context& context, const Caller& caller,
                                      const std::string& uuid, bool enabled) {
  return change(
      context, caller, permissions::kDenyManage, [&](Transaction& tx) -> Result<DenyCondition> {
        ASSIGN_OR_REFUSE(DenyCondition stored, rows::enable(tx, caller.tenant, uuid, enabled));
        CHECK_OR_REFUSE(
            note(tx, caller, enabled ? "deny.enable" : "deny.disable", name_of(stored)));
        return stored;
      });
}

Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid) {
  return change(context, caller, permissions::kDenyManage, [&](Transaction& tx) -> Result<Nothing> {
    ASSIGN_OR_REFUSE(const DenyCondition condition, rows::find(tx, caller.tenant, uuid));
    CHECK_OR_REFUSE(rows::remove(tx, caller.tenant, uuid));
    CHECK_OR_REFUSE(note(tx, caller, "deny.delete", name_of(condition)));
    return Nothing{};
  });
}

}  // namespace apim::service::denies
