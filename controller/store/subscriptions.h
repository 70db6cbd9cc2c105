// Subscriptions: an application's right to call an API, under a business plan.

#pragma once

#include <optional>
#include <string>

#include "model/consumer.h"
#include "store/page.h"
#include "store/transaction.h"

namespace apim::store::subscriptions {

struct Filter {
  std::string api_uuid = {};          // "" = any
  std::string application_uuid = {};  // "" = any
  Page page = {};
};

// Looks up both sides by uuid (404), fills api_id, application_id, id, created, uuid unless there
// is one. 409 (900336) with both names when there is one already. 400 when the policy is unknown.
// That the API offers the plan is the caller's rule.
Result<model::Subscription> insert(Transaction& tx, const std::string& tenant,
                                   model::Subscription subscription);
// Changes policy and state.
Result<model::Subscription> update(Transaction& tx, const std::string& tenant,
                                   model::Subscription subscription);
Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid);

Result<model::Subscription> find(Transaction& tx, const std::string& tenant,
                                 const std::string& uuid);  // 404
Result<std::optional<model::Subscription>> find_pair(Transaction& tx, const std::string& tenant,
                                                     const std::string& api_uuid,
                                                     const std::string& application_uuid);
// Oldest first.
Result<Listing<model::Subscription>> list(Transaction& tx, const std::string& tenant,
                                          const Filter& filter);

}  // namespace apim::store::subscriptions
