#include "service/applications.h"

#include <fmt/format.h>

#include "compile/check.h"
#include "store/policies.h"

namespace apim::service::applications {
namespace {

namespace rows = store::applications;
using model::Application;

constexpr int kCodeNotFound = 900307;
constexpr int kCodeInvalid = 900700;
constexpr int kCodePolicy = 900969;
constexpr size_t kNameMax = 100;
constexpr size_t kDescriptionMax = 512;

auto invalid(std::string why) {
  return model::refuse(
      model::bad_request(kCodeInvalid, "The application is not valid", std::move(why)));
}

Result<void> check(Transaction& tx, const Application& application) {
  if (application.name.empty() || application.name.size() > kNameMax)
    return invalid(fmt::format("name must have 1 to {} characters", kNameMax));
  if (application.description.size() > kDescriptionMax)
    return invalid(fmt::format("description may have {} characters", kDescriptionMax));
  if (application.token_type != "JWT" && application.token_type != "OAUTH")
    return invalid(fmt::format("tokenType must be JWT or OAUTH, is '{}'", application.token_type));
  ASSIGN_OR_REFUSE(const auto policy, store::policies::find_by_name(tx, application.tenant,
                                                                    model::PolicyLevel::Application,
                                                                    application.throttling_policy));
  if (!policy) {
    if (model::is_unlimited_name(application.throttling_policy)) return {};
    return model::refuse(model::bad_request(
        kCodePolicy, "Unknown throttling policy",
        fmt::format("'{}' is not an application policy", application.throttling_policy)));
  }
  if (const std::string why = compile::why_not_enforced(*policy); !why.empty())
    return model::refuse(model::bad_request(kCodePolicy, "The throttling policy cannot be used",
                                            fmt::format("'{}' {}", policy->name, why)));
  return {};
}

Result<Counted> counted(Transaction& tx, Application application) {
  ASSIGN_OR_REFUSE(const uint64_t count,
                   rows::count_subscriptions(tx, application.tenant, application.uuid));
  return Counted{std::move(application), count};
}

}  // namespace

std::string name_of(const Application& application) {
  return fmt::format("application '{}' of {}", application.name, application.owner);
}

Result<Application> own(Transaction& tx, const Caller& caller, const std::string& uuid) {
  ASSIGN_OR_REFUSE(Application application, rows::find(tx, caller.tenant, uuid));
  if (application.owner != caller.user && !caller.may("apim:admin"))
    return model::refuse(model::not_found(kCodeNotFound, "Application '" + uuid + "'"));
  return application;
}

Result<store::Listing<Counted>> list(Context& context, const Caller& caller, rows::Filter filter) {
  if (!caller.may("apim:admin")) filter.owner = caller.user;
  return look(context, caller, permissions::kApplications,
              [&](Transaction& tx) -> Result<store::Listing<Counted>> {
                ASSIGN_OR_REFUSE(auto found, rows::list(tx, caller.tenant, filter));
                store::Listing<Counted> listing;
                listing.total = found.total;
                for (Application& application : found.items) {
                  ASSIGN_OR_REFUSE(Counted item, counted(tx, std::move(application)));
                  listing.items.push_back(std::move(item));
                }
                return listing;
              });
}

Result<Counted> get(Context& context, const Caller& caller, const std::string& uuid) {
  return look(context, caller, permissions::kApplications, [&](Transaction& tx) -> Result<Counted> {
    ASSIGN_OR_REFUSE(Application application, own(tx, caller, uuid));
    return counted(tx, std::move(application));
  });
}

Result<Changed<Counted>> create(Context& context, const Caller& caller, Application application) {
  application.id = 0;
  application.uuid.clear();
  application.owner = caller.user;
  application.tenant = caller.tenant;
  return change(context, caller, permissions::kApplicationChange,
                [&](Transaction& tx) -> Result<Counted> {
                  CHECK_OR_REFUSE(check(tx, application));
                  ASSIGN_OR_REFUSE(Application stored, rows::insert(tx, application));
                  CHECK_OR_REFUSE(note(tx, caller, "application.create", name_of(stored)));
                  return Counted{std::move(stored), 0};
                });
}

Result<Changed<Counted>> update(Context& context, const Caller& caller, const std::string& uuid,
                                const Application& wanted) {
  return change(context, caller, permissions::kApplicationChange,
                [&](Transaction& tx) -> Result<Counted> {
                  ASSIGN_OR_REFUSE(Application application, own(tx, caller, uuid));
                  application.name = wanted.name;
                  application.description = wanted.description;
                  application.throttling_policy = wanted.throttling_policy;
                  application.token_type = wanted.token_type;
                  application.groups = wanted.groups;
                  application.attributes = wanted.attributes;
                  CHECK_OR_REFUSE(check(tx, application));
                  ASSIGN_OR_REFUSE(Application stored, rows::update(tx, std::move(application)));
                  CHECK_OR_REFUSE(note(tx, caller, "application.update", name_of(stored)));
                  return counted(tx, std::move(stored));
                });
}

Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid) {
  return change(context, caller, permissions::kApplications,
                [&](Transaction& tx) -> Result<Nothing> {
                  ASSIGN_OR_REFUSE(const Application application, own(tx, caller, uuid));
                  CHECK_OR_REFUSE(rows::remove(tx, caller.tenant, uuid));
                  CHECK_OR_REFUSE(note(tx, caller, "application.delete", name_of(application)));
                  return Nothing{};
                });
}

}  // namespace apim::service::applications
