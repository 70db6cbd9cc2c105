// Subscriptions: an application's right to call an API, asked for by its owner, blocked by the
// publisher.

#pragma once

#include <string>
#include <vector>

#include "model/api.h"
#include "model/consumer.h"
#include "service/context.h"
#include "store/subscriptions.h"

namespace apim::service::subscriptions {

// With both sides, as WSO2 shows them.
struct Detailed {
  model::Subscription subscription;
  model::Api api;
  model::Application application;
};

// The portal's: of the caller's own applications. At least one of the filter's sides is named (400
// otherwise).
Result<store::Listing<Detailed>> list_own(Context& context, const Caller& caller,
                                          const store::subscriptions::Filter& filter);
// The publisher's: of any application.
Result<store::Listing<Detailed>> list_of_api(Context& context, const Caller& caller,
                                             const store::subscriptions::Filter& filter);
Result<Detailed> get(Context& context, const Caller& caller, const std::string& uuid);

struct Wish {
  std::string application_uuid;
  std::string api_uuid;
  std::string throttling_policy;
};
// The API must be PUBLISHED or PROTOTYPED and offer the plan, whose quota must be a request count.
// 409 (900336) when there is one already. All or none of them.
Result<Changed<std::vector<Detailed>>> create(Context& context, const Caller& caller,
                                              const std::vector<Wish>& wishes);
// Another plan.
Result<Changed<Detailed>> update(Context& context, const Caller& caller, const std::string& uuid,
                                 const std::string& throttling_policy);
Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid);
// The publisher's: BLOCKED, PROD_ONLY_BLOCKED, or UNBLOCKED again.
Result<Changed<Detailed>> set_state(Context& context, const Caller& caller, const std::string& uuid,
                                    model::SubscriptionState state);

}  // namespace apim::service::subscriptions
