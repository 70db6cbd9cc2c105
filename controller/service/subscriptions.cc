#include "service/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>

#include "compile/check.h"
#include "model/api_codec.h"
#include "model/policy.h"
#include "service/apis.h"
#include "service/applications.h"
#include "store/apis.h"
#include "store/applications.h"
#include "store/policies.h"

namespace apim::service::subscriptions {
namespace {

namespace rows = store::subscriptions;
using model::Api;
using model::Lifecycle;
using model::Subscription;

constexpr int kCodeBadRequest = 900700;
constexpr int kCodePlan = 900969;
constexpr int kCodeState = 900970;
constexpr int kCodeNotFound = 900346;

Result<Detailed> detailed(Transaction& tx, const std::string& tenant, Subscription subscription) {
  ASSIGN_OR_REFUSE(Api api, store::apis::find(tx, tenant, subscription.api_uuid));
  ASSIGN_OR_REFUSE(model::Application application,
                   store::applications::find(tx, tenant, subscription.application_uuid));
  return Detailed{std::move(subscription), std::move(api), std::move(application)};
}

Result<void> check_plan(Transaction& tx, const Api& api, const std::string& plan) {
  if (std::find(api.policies.begin(), api.policies.end(), plan) == api.policies.end()) {
    std::string offered;
    for (const std::string& policy : api.policies)
      offered += (offered.empty() ? "" : ", ") + policy;
    return model::refuse(
        model::bad_request(kCodePlan, "The throttling policy is not offered",
                           fmt::format("{} offers {}, not '{}'", apis::name_of(api),
                                       offered.empty() ? "no plan" : offered, plan)));
  }
  ASSIGN_OR_REFUSE(const auto policy, store::policies::find_by_name(
                                          tx, api.tenant, model::PolicyLevel::Subscription, plan));
  if (!policy) return {};
  const std::string why = compile::why_not_enforced(*policy);
  if (why.empty()) return {};
  return model::refuse(model::bad_request(kCodePlan, "The throttling policy cannot be used",
                                          fmt::format("'{}' {}", plan, why)));
}

Result<void> check_state(const Api& api) {
  if (api.lifecycle == Lifecycle::Published || api.lifecycle == Lifecycle::Prototyped) return {};
  return model::refuse(
      model::bad_request(kCodeState, "The API cannot be subscribed to",
                         fmt::format("{} is {}; it must be PUBLISHED or PROTOTYPED",
                                     apis::name_of(api), model::to_text(api.lifecycle))));
}

Result<Detailed> subscribe(Transaction& tx, const Caller& caller, const Wish& wish) {
  ASSIGN_OR_REFUSE(model::Application application,
                   applications::own(tx, caller, wish.application_uuid));
  ASSIGN_OR_REFUSE(Api api, store::apis::find(tx, caller.tenant, wish.api_uuid));
  CHECK_OR_REFUSE(check_state(api));
  CHECK_OR_REFUSE(check_plan(tx, api, wish.throttling_policy));
  Subscription subscription;
  subscription.api_uuid = api.uuid;
  subscription.application_uuid = application.uuid;
  subscription.throttling_policy = wish.throttling_policy;
  ASSIGN_OR_REFUSE(subscription, rows::insert(tx, caller.tenant, std::move(subscription)));
  CHECK_OR_REFUSE(note(tx, caller, "subscription.create",
                       fmt::format("{} to {} as {}", applications::name_of(application),
                                   apis::name_of(api), wish.throttling_policy)));
  return Detailed{std::move(subscription), std::move(api), std::move(application)};
}

// The subscription, when its application is the caller's.
Result<Detailed> own(Transaction& tx, const Caller& caller, const std::string& uuid) {
  ASSIGN_OR_REFUSE(Subscription subscription, rows::find(tx, caller.tenant, uuid));
  if (!applications::own(tx, caller, subscription.application_uuid).has_value())
    return model::refuse(model::not_found(kCodeNotFound, "Subscription '" + uuid + "'"));
  return detailed(tx, caller.tenant, std::move(subscription));
}

Result<store::Listing<Detailed>> listing_of(Transaction& tx, const Caller& caller,
                                            const rows::Filter& filter) {
  ASSIGN_OR_REFUSE(auto found, rows::list(tx, caller.tenant, filter));
  store::Listing<Detailed> listing;
  listing.total = found.total;
  for (Subscription& subscription : found.items) {
    ASSIGN_OR_REFUSE(Detailed item, detailed(tx, caller.tenant, std::move(subscription)));
    listing.items.push_back(std::move(item));
  }
  return listing;
}

// The caller's own subscriptions to one API, over all its applications, in pages.
Result<store::Listing<Detailed>> own_of_api(Transaction& tx, const Caller& caller,
                                            const rows::Filter& filter) {
  rows::Filter everything = filter;
  everything.page = {.limit = UINT32_MAX, .offset = 0};
  ASSIGN_OR_REFUSE(auto all, listing_of(tx, caller, everything));
  if (!caller.may("apim:admin"))
    std::erase_if(all.items,
                  [&](const Detailed& item) { return item.application.owner != caller.user; });
  store::Listing<Detailed> page;
  page.total = all.items.size();
  for (size_t i = filter.page.offset; i < all.items.size() && page.items.size() < filter.page.limit;
       ++i)
    page.items.push_back(std::move(all.items[i]));
  return page;
}

std::string describe(const Detailed& item) {
  return fmt::format("{} to {}", applications::name_of(item.application), apis::name_of(item.api));
}

}  // namespace

Result<store::Listing<Detailed>> list_own(Context& context, const Caller& caller,
                                          const rows::Filter& filter) {
  return look(context, caller, permissions::kSubscribe,
              [&](Transaction& tx) -> Result<store::Listing<Detailed>> {
                if (filter.application_uuid.empty() && filter.api_uuid.empty())
                  return model::refuse(model::bad_request(kCodeBadRequest, "A parameter is missing",
                                                          "name applicationId or apiId"));
                if (filter.application_uuid.empty()) return own_of_api(tx, caller, filter);
                CHECK_OR_REFUSE(applications::own(tx, caller, filter.application_uuid));
                return listing_of(tx, caller, filter);
              });
}

Result<store::Listing<Detailed>> list_of_api(Context& context, const Caller& caller,
                                             const rows::Filter& filter) {
  return look(context, caller, permissions::kSubscriptionView,
              [&](Transaction& tx) { return listing_of(tx, caller, filter); });
}

Result<Detailed> get(Context& context, const Caller& caller, const std::string& uuid) {
  return look(context, caller, permissions::kSubscribe,
              [&](Transaction& tx) { return own(tx, caller, uuid); });
}

Result<Changed<std::vector<Detailed>>> create(Context& context, const Caller& caller,
                                              const std::vector<Wish>& wishes) {
  return change(context, caller, permissions::kSubscribe,
                [&](Transaction& tx) -> Result<std::vector<Detailed>> {
                  std::vector<Detailed> made;
                  for (const Wish& wish : wishes) {
                    ASSIGN_OR_REFUSE(Detailed item, subscribe(tx, caller, wish));
                    made.push_back(std::move(item));
                  }
                  return made;
                });
}

Result<Changed<Detailed>> update(Context& context, const Caller& caller, const std::string& uuid,
                                 const std::string& throttling_policy) {
  return change(context, caller, permissions::kSubscribe, [&](Transaction& tx) -> Result<Detailed> {
    ASSIGN_OR_REFUSE(Detailed item, own(tx, caller, uuid));
    CHECK_OR_REFUSE(check_plan(tx, item.api, throttling_policy));
    item.subscription.throttling_policy = throttling_policy;
    ASSIGN_OR_REFUSE(item.subscription, rows::update(tx, caller.tenant, item.subscription));
    CHECK_OR_REFUSE(note(tx, caller, "subscription.update",
                         fmt::format("{} as {}", describe(item), throttling_policy)));
    return item;
  });
}

Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid) {
  return change(context, caller, permissions::kSubscribe, [&](Transaction& tx) -> Result<Nothing> {
    ASSIGN_OR_REFUSE(const Detailed item, own(tx, caller, uuid));
    CHECK_OR_REFUSE(rows::remove(tx, caller.tenant, uuid));
    CHECK_OR_REFUSE(note(tx, caller, "subscription.delete", describe(item)));
    return Nothing{};
  });
}

Result<Changed<Detailed>> set_state(Context& context, const Caller& caller, const std::string& uuid,
                                    model::SubscriptionState state) {
  return change(
      context, caller, permissions::kSubscriptionBlock, [&](Transaction& tx) -> Result<Detailed> {
        ASSIGN_OR_REFUSE(Subscription subscription, rows::find(tx, caller.tenant, uuid));
        subscription.state = state;
        ASSIGN_OR_REFUSE(subscription, rows::update(tx, caller.tenant, std::move(subscription)));
        ASSIGN_OR_REFUSE(Detailed item, detailed(tx, caller.tenant, std::move(subscription)));
        const char* action = state == model::SubscriptionState::Unblocked ? "subscription.unblock"
                                                                          : "subscription.block";
        CHECK_OR_REFUSE(note(tx, caller, action, describe(item)));
        return item;
      });
}

}  // namespace apim::service::subscriptions
