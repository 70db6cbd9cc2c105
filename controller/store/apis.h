// Apis: the working copies, with projections of their operations, scopes, tags and plans.
//
// The document is written with every typed field on top (model::write_api) and read back by
// model::read_api. Working copies never reach gateways; revisions do, so only the lifecycle, the
// removal and what deployments.h does is noted in the outbox.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/api.h"
#include "store/page.h"
#include "store/transaction.h"

namespace apim::store::apis {

struct Filter {
  std::string query = {};  // WSO2's: "name:pizza version:1.0 context:/p provider:bob
                           // status:PUBLISHED tag:food", free words
  std::vector<model::Lifecycle> states = {};  // empty: all
  Page page = {};
};

// Assigns id, created and updated, and a uuid unless there is one. 409 with the names when name and
// version (900250), or context (900251) are taken, or the context belongs to another API's
// versions.
Result<model::Api> insert(Transaction& tx, model::Api api);
// By tenant and uuid; keeps id, lifecycle and creation. 404 (900308), 409 as above.
Result<model::Api> update(Transaction& tx, model::Api api);
// With subscriptions gone (409 otherwise, 900366) also its revisions, deployments and history.
Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid);

Result<model::Api> find(Transaction& tx, const std::string& tenant,
                        const std::string& uuid);  // 404: 900308
Result<std::optional<model::Api>> find_by_name(Transaction& tx, const std::string& tenant,
                                               const std::string& name, const std::string& version);
Result<std::optional<model::Api>> find_by_context(Transaction& tx, const std::string& tenant,
                                                  const std::string& context);
// By name, then version. Definitions are left empty. A document that no longer reads is listed with
// the fields of its row.
Result<Listing<model::Api>> list(Transaction& tx, const std::string& tenant, const Filter& filter);
// All versions of one name, oldest first.
Result<std::vector<model::Api>> versions(Transaction& tx, const std::string& tenant,
                                         const std::string& name);

// API_ID. 404: 900308.
Result<uint32_t> id_of(Transaction& tx, const std::string& tenant, const std::string& uuid);

// How many subscriptions an API has.
Result<uint64_t> count_subscriptions(Transaction& tx, const std::string& tenant,
                                     const std::string& uuid);

}  // namespace apim::store::apis
