#include "service/environments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "store/environments.h"

namespace apim::service::environments {
namespace {

namespace rows = store::environments;
using model::Environment;

constexpr int kCodeInvalid = 900700;

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 255 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

bool is_host(const std::string& host) {
  return !host.empty() && host.size() <= 253 &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || std::islower(c) != 0 || c == '-' || c == '.' || c == ':';
         });
}

Result<void> check(const Environment& environment) {
  std::vector<model::Finding> findings;
  if (!is_name(environment.name))
    findings.push_back(
        {"name", fmt::format("'{}' may only have letters, digits, _ and -", environment.name)});
  if (environment.vhosts.empty()) findings.push_back({"vhosts", "name at least one host"});
  std::set<std::string> seen;
  for (const std::string& host : environment.vhosts) {
    if (!is_host(host))
      findings.push_back({"vhosts", fmt::format("'{}' is not a host name in lower case", host)});
    if (!seen.insert(host).second)
      findings.push_back({"vhosts", fmt::format("'{}' stands twice", host)});
  }
  if (findings.empty()) return {};
  return model::refuse(
      model::invalid(kCodeInvalid, "The gateway environment is not valid", std::move(findings)));
}

std::string name_of(const Environment& environment) {
  return fmt::format("gateway environment '{}'", environment.name);
}

}  // namespace

Result<std::vector<Environment>> list(Context& context, const Caller& caller,
                                      const Permission& permission) {
  return look(context, caller, permission,
              [&](Transaction& tx) { return rows::list(tx, caller.tenant); });
}

Result<Environment> get(Context& context, const Caller& caller, const std::string& uuid) {
  return look(context, caller, permissions::kEnvironmentView,
              [&](Transaction& tx) { return rows::find(tx, caller.tenant, uuid); });
}

Result<Changed<Environment>> create(Context& context, const Caller& caller,
                                    Environment environment) {
  environment.uuid.clear();
  return change(
      context, caller, permissions::kEnvironmentManage,
      [&](Transaction& tx) -> Result<Environment> {
        CHECK_OR_REFUSE(check(environment));
        ASSIGN_OR_REFUSE(Environment stored, rows::insert(tx, caller.tenant, environment));
        CHECK_OR_REFUSE(
            tx.changed(model::Change::Kind::Everything, 0));  // its gateways want a first snapshot
        CHECK_OR_REFUSE(note(tx, caller, "environment.create", name_of(stored)));
        return stored;
      });
}

Result<Changed<Environment>> update(Context& context, const Caller& caller, const std::string& uuid,
                                    const Environment& wanted) {
  return change(context, caller, permissions::kEnvironmentManage,
                [&](Transaction& tx) -> Result<Environment> {
                  ASSIGN_OR_REFUSE(const Environment before, rows::find(tx, caller.tenant, uuid));
                  Environment environment = wanted;
                  environment.uuid = uuid;
                  environment.name = before.name;
                  CHECK_OR_REFUSE(check(environment));
                  ASSIGN_OR_REFUSE(Environment stored,
                                   rows::update(tx, caller.tenant, std::move(environment)));
                  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Everything, 0));
                  CHECK_OR_REFUSE(note(tx, caller, "environment.update", name_of(stored)));
                  return stored;
                });
}

Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid) {
  return change(
      context, caller, permissions::kEnvironmentManage, [&](Transaction& tx) -> Result<Nothing> {
        ASSIGN_OR_REFUSE(const Environment environment, rows::find(tx, caller.tenant, uuid));
        CHECK_OR_REFUSE(rows::remove(tx, caller.tenant, uuid));
        CHECK_OR_REFUSE(note(tx, caller, "environment.delete", name_of(environment)));
        return Nothing{};
      });
}

}  // namespace apim::service::environments
