// Policies: throttling policies of all levels. One id sequence for all; an id is never reused.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/policy.h"
#include "store/page.h"
#include "store/transaction.h"

namespace apim::store::policies {

// Who names a policy; removal is refused while anybody does.
struct Usage {
  uint64_t apis = 0;  // working copies and revisions, at API or operation level, or as offered plan
  uint64_t applications = 0;
  uint64_t subscriptions = 0;
  bool none() const { return apis == 0 && applications == 0 && subscriptions == 0; }
};

// Assigns id and a uuid unless there is one. 409 when the level has one of that name. Notes the
// change.
Result<model::ThrottlePolicy> insert(Transaction& tx, model::ThrottlePolicy policy);
// By tenant, level and uuid; name and id stay.
Result<model::ThrottlePolicy> update(Transaction& tx, model::ThrottlePolicy policy);
// 403 (900971) naming who uses it.
Result<void> remove(Transaction& tx, const std::string& tenant, model::PolicyLevel level,
                    const std::string& uuid);

Result<model::ThrottlePolicy> find(Transaction& tx, const std::string& tenant,
                                   model::PolicyLevel level, const std::string& uuid);  // 404
Result<std::optional<model::ThrottlePolicy>> find_by_name(Transaction& tx,
                                                          const std::string& tenant,
                                                          model::PolicyLevel level,
                                                          const std::string& name);
// By id.
Result<std::vector<model::ThrottlePolicy>> list(Transaction& tx, const std::string& tenant,
                                                model::PolicyLevel level);
Result<Usage> usage(Transaction& tx, const std::string& tenant, model::PolicyLevel level,
                    const std::string& name);

// Adds the shipped policies to a tenant that has none.
Result<void> seed(Transaction& tx, const std::string& tenant);

}  // namespace apim::store::policies
