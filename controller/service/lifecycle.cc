#include "service/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/api_codec.h"
#include "service/apis.h"
#include "store/apis.h"
#include "store/deployments.h"

namespace apim::service::lifecycle {
namespace {

using model::Api;
using model::Lifecycle;

constexpr int kCodeUnsupported = 900381;
constexpr int kCodeIncomplete = 900382;

auto incomplete(const Api& api, const char* what) {
  return model::refuse(model::bad_request(kCodeIncomplete, "The API cannot be published yet",
                                          fmt::format("{} {}", apis::name_of(api), what)));
}

// Portals and gateways need somewhere to send calls, and a plan to subscribe to.
Result<void> check_complete(const Api& api, Lifecycle to) {
  if (to != Lifecycle::Published && to != Lifecycle::Prototyped) return {};
  if (api.advertise_only) return {};
  if (!api.production && !api.sandbox)
    return incomplete(api, "has no endpoint: set endpointConfig");
  if (to == Lifecycle::Published && api.policies.empty())
    return incomplete(api, "offers no business plan: set policies");
  return {};
}

Result<void> step(Transaction& tx, const Caller& caller, const Api& api, Lifecycle to) {
  CHECK_OR_REFUSE(check_complete(api, to));
  CHECK_OR_REFUSE(store::lifecycles::move(tx, api.tenant, api.uuid, to, caller.user));
  if (to == Lifecycle::Retired)
    CHECK_OR_REFUSE(store::deployments::undeploy(tx, api.tenant, api.uuid, {}));
  return note(tx, caller, "api.lifecycle",
              fmt::format("{} to {}", apis::name_of(api), model::to_text(to)));
}

Result<void> deprecate_older(Transaction& tx, const Caller& caller, const Api& api) {
  ASSIGN_OR_REFUSE(const std::vector<Api> versions,
                   store::apis::versions(tx, api.tenant, api.name));
  for (const Api& version : versions) {
    if (version.uuid == api.uuid) return {};  // oldest first: what follows is newer
    if (version.lifecycle == Lifecycle::Published)
      CHECK_OR_REFUSE(step(tx, caller, version, Lifecycle::Deprecated));
  }
  return {};
}

State state_of(Lifecycle state) { return {state, model::transitions_from(state)}; }

}  // namespace

Result<State> get(Context& context, const Caller& caller, const std::string& api_uuid) {
  return look(context, caller, permissions::kLifecycleView, [&](Transaction& tx) -> Result<State> {
    ASSIGN_OR_REFUSE(const Api api, store::apis::find(tx, caller.tenant, api_uuid));
    return state_of(api.lifecycle);
  });
}

Result<std::vector<store::lifecycles::Step>> history(Context& context, const Caller& caller,
                                                     const std::string& api_uuid) {
  return look(context, caller, permissions::kLifecycleView,
              [&](Transaction& tx) -> Result<std::vector<store::lifecycles::Step>> {
                CHECK_OR_REFUSE(store::apis::find(tx, caller.tenant, api_uuid));
                return store::lifecycles::history(tx, caller.tenant, api_uuid);
              });
}

Result<Changed<State>> change_state(Context& context, const Caller& caller,
                                    const std::string& api_uuid, const Wish& wish) {
  return change(
      context, caller, permissions::kLifecycleChange, [&](Transaction& tx) -> Result<State> {
        ASSIGN_OR_REFUSE(const Api api, store::apis::find(tx, caller.tenant, api_uuid));
        const auto to = model::after(api.lifecycle, wish.event);
        if (!to) {
          std::string allowed;
          for (const model::Transition& transition : model::transitions_from(api.lifecycle))
            allowed += (allowed.empty() ? "" : ", ") + transition.event;
          return model::refuse(
              model::bad_request(kCodeUnsupported, "Unsupported lifecycle action",
                                 fmt::format("{} is {}; '{}' is not possible, but: {}",
                                             apis::name_of(api), model::to_text(api.lifecycle),
                                             wish.event, allowed.empty() ? "nothing" : allowed)));
        }
        CHECK_OR_REFUSE(step(tx, caller, api, *to));
        if (wish.deprecate_old && *to == Lifecycle::Published)
          CHECK_OR_REFUSE(deprecate_older(tx, caller, api));
        return state_of(*to);
      });
}

Result<Api> walk(Transaction& tx, const Caller& caller, Api api, Lifecycle to) {
  const auto events = model::way(api.lifecycle, to);
  if (!events) {
    return model::refuse(
        model::bad_request(kCodeUnsupported, "Unsupported lifecycle action",
                           fmt::format("{} is {} and cannot become {}", apis::name_of(api),
                                       model::to_text(api.lifecycle), model::to_text(to))));
  }
  for (const std::string& event : *events) {
    const auto next = model::after(api.lifecycle, event);
    CHECK_OR_REFUSE(step(tx, caller, api, *next));
    api.lifecycle = *next;
  }
  return api;
}

}  // namespace apim::service::lifecycle
