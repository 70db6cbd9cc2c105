#include "snapshot/references.h"

#include <fmt/format.h>

#include <algorithm>

#include "snapshot/verify_table.h"

namespace apim::snapshot {
namespace {

// A limit that the gateway cannot count must not be passed over in silence.
Checked<void> check_countable(const fbs::Limit* limit_or_null) {
  if (limit_or_null == nullptr || limit_or_null->count() == 0) return {};
  if (limit_or_null->kind() == fbs::QuotaKind::Requests) return {};
  return meaningless("it counts something other than requests: update the gateway");
}

Checked<void> check_countable(const fbs::ThrottlePolicy& policy) {
  APIM_CHECK_MEANING(check_countable(policy.limit()));
  return check_countable(policy.burst());
}

}  // namespace

Checked<void> ReferenceCheck::policy(uint32_t policy_id, fbs::PolicyLevel level) const {
  if (policy_id == 0) return {};
  const fbs::ThrottlePolicy* found = image_.find_policy(policy_id);
  if (found == nullptr)
    return meaningless(fmt::format("names policy {}, which is not there", policy_id));
  if (found->level() != level)
    return meaningless(fmt::format("names policy {}, which is of another level", policy_id));
  if (auto checked = check_countable(*found); !checked) {
    return meaningless(
        fmt::format("names policy {}: {}", found->name()->string_view(), checked.error().reason));
  }
  return {};
}

Checked<void> ReferenceCheck::routes(const fbs::Routes& routes) const {
  for (const fbs::Vhost* vhost : *routes.vhosts()) {
    for (const fbs::RouteEntry* entry : *vhost->entries()) {
      if (image_.find_api(entry->api()) != nullptr) continue;
      return meaningless(fmt::format("host {} routes to API {}, which is not there",
                                     vhost->host()->string_view(), entry->api()));
    }
  }
  return {};
}

Checked<void> ReferenceCheck::apis(const IdShard<fbs::Api>& shard) const {
  const auto in_api = [](const fbs::Api& api, const Checked<void>& checked) {
    return meaningless(fmt::format("API {} {} {}", api.name()->string_view(),
                                   api.version()->string_view(), checked.error().reason));
  };
  for (const fbs::Api* api : *shard.tables) {
    auto checked = policy(api->tier(), fbs::PolicyLevel::Advanced);
    if (checked) checked = check_countable(api->backend_limit_production());
    if (checked) checked = check_countable(api->backend_limit_sandbox());
    if (!checked) return in_api(*api, checked);
    for (const fbs::Operation* operation : *api->operations()) {
      checked = policy(operation->tier(), fbs::PolicyLevel::Advanced);
      if (!checked) return in_api(*api, checked);
    }
  }
  return {};
}

Checked<void> ReferenceCheck::consumers(const IdShard<fbs::Application>& shard) const {
  for (const fbs::Application* application : *shard.tables) {
    auto checked = policy(application->tier(), fbs::PolicyLevel::Application);
    for (const fbs::Subscription* subscription : *application->subscriptions()) {
      if (checked) checked = policy(subscription->tier(), fbs::PolicyLevel::Subscription);
    }
    if (!checked)
      return meaningless(
          fmt::format("application {} {}", application->id(), checked.error().reason));
  }
  return {};
}

Checked<void> ReferenceCheck::keys(const KeyShard& shard) const {
  for (uint32_t i = 0; i < shard.count; ++i) {
    if (image_.find_application(shard.entries[i].application()) != nullptr) continue;
    return meaningless(fmt::format("a key is of application {}, which is not there",
                                   shard.entries[i].application()));
  }
  return {};
}

Checked<void> ReferenceCheck::standing_policies() const {
  for (const auto* standing : {image_.unauthenticated_policy(), image_.subscriptionless_policy()}) {
    if (standing == nullptr) continue;
    if (auto checked = check_countable(*standing); !checked) {
      return meaningless(
          fmt::format("policy {}: {}", standing->name()->string_view(), checked.error().reason));
    }
  }
  return {};
}

template <class Table>
bool ReferenceCheck::covers(const std::vector<IdShard<Table>>& before,
                            const std::vector<IdShard<Table>>& now) {
  if (before.size() != now.size()) return false;
  for (size_t i = 0; i < now.size(); ++i) {
    if (before[i].tables == now[i].tables) continue;
    if (!std::includes(now[i].ids, now[i].ids + now[i].count, before[i].ids,
                       before[i].ids + before[i].count))
      return false;
  }
  return true;
}

template bool ReferenceCheck::covers(const std::vector<IdShard<fbs::Api>>&,
                                     const std::vector<IdShard<fbs::Api>>&);
template bool ReferenceCheck::covers(const std::vector<IdShard<fbs::Application>>&,
                                     const std::vector<IdShard<fbs::Application>>&);

}  // namespace apim::snapshot
