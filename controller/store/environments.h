// Environments: gateway environments and their vhosts.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/api.h"
#include "store/transaction.h"

namespace apim::store::environments {

// Assigns a uuid unless there is one. 409 when the name exists; 400 without a vhost.
Result<model::Environment> insert(Transaction& tx, const std::string& tenant,
                                  model::Environment environment);
// By uuid; the name stays. Refuses to drop a vhost somebody is deployed on (409).
Result<model::Environment> update(Transaction& tx, const std::string& tenant,
                                  model::Environment environment);
// 409 while somebody is deployed there; "Default" stays (400).
Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid);

Result<model::Environment> find(Transaction& tx, const std::string& tenant,
                                const std::string& uuid);  // 404: 900506
Result<std::optional<model::Environment>> find_by_name(Transaction& tx, const std::string& tenant,
                                                       const std::string& name);
// By name.
Result<std::vector<model::Environment>> list(Transaction& tx, const std::string& tenant);
// Names over all tenants, each once: what there is to publish.
Result<std::vector<std::string>> names(Transaction& tx);

// Adds "Default" with vhost "localhost" unless the tenant has one.
Result<void> seed(Transaction& tx, const std::string& tenant);

}  // namespace apim::store::environments
