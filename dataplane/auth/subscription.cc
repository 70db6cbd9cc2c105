#include "auth/subscription.h"

namespace apim::auth {

// Sorted by api.
const fbs::Subscription* find_subscription(const fbs::Application& application, uint32_t api_id) {
  const auto& subscriptions = *application.subscriptions();
  uint32_t low = 0;
  uint32_t high = subscriptions.size();
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (subscriptions.Get(middle)->api() < api_id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const bool found = low < subscriptions.size() && subscriptions.Get(low)->api() == api_id;
  return found ? subscriptions.Get(low) : nullptr;
}

Result<const fbs::Subscription*> check_subscription(const fbs::Application& application,
                                                    const fbs::Api& api, fbs::KeyType key_type) {
  const fbs::Subscription* subscription = find_subscription(application, api.id());
  if (subscription == nullptr)
    return std::unexpected(fault(FaultCode::NotSubscribed, "no subscription to the API"));
  switch (subscription->state()) {
    case fbs::SubscriptionState::Unblocked:
    case fbs::SubscriptionState::TierUpdatePending:
    case fbs::SubscriptionState::DeletePending: return subscription;
    case fbs::SubscriptionState::ProductionBlocked:
      if (key_type == fbs::KeyType::Sandbox) return subscription;
      return std::unexpected(
          fault(FaultCode::SubscriptionBlocked, "the subscription is blocked for production"));
    case fbs::SubscriptionState::Blocked:
      return std::unexpected(fault(FaultCode::SubscriptionBlocked, "the subscription is blocked"));
    case fbs::SubscriptionState::OnHold:
    case fbs::SubscriptionState::Rejected: break;
  }
  return std::unexpected(
      fault(FaultCode::SubscriptionInactive, "the subscription is on hold or rejected"));
}

}  // namespace apim::auth
