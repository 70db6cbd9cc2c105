// Subscription: whether an application may use an API now, and at which tier (WSO2's states).

#pragma once

#include "apis_generated.h"
#include "base/result.h"
#include "consumers_generated.h"
#include "keys_generated.h"

namespace apim::auth {

// The application's subscription to the API in whatever state, or null.
const fbs::Subscription* find_subscription(const fbs::Application& application, uint32_t api_id);

// The application's subscription to the API. Faults: NotSubscribed, SubscriptionBlocked,
// SubscriptionInactive.
Result<const fbs::Subscription*> check_subscription(const fbs::Application& application,
                                                    const fbs::Api& api, fbs::KeyType key_type);

}  // namespace apim::auth
