// Rows: reading aggregates by a condition; what the aggregates' own functions and the catalog
// share.
//
// `condition` is a fixed text of this room with one '?' per value, never made from input.

#pragma once

#include <string>
#include <vector>

#include "model/api.h"
#include "model/consumer.h"
#include "model/policy.h"
#include "store/transaction.h"

namespace apim::store::rows {

// Columns of the tables below may be named in `condition`.
struct Where {
  std::string condition = "1 = 1";
  std::vector<Value> values = {};
  std::string order;  // "ORDER BY ... LIMIT ? OFFSET ?"; empty: by id
};

// One row of am_api.
struct ApiRow {
  model::Api columns;  // every typed field that is a column
  std::string document;
  std::string definition;
};

// am_api. Without definitions unless asked.
Result<std::vector<ApiRow>> apis(Transaction& tx, const Where& where, bool with_definition);
// The whole API: the document's fields under the row's. 500 when the document does not read.
Result<model::Api> hydrate(ApiRow row);

// am_application a, am_subscriber s.
Result<std::vector<model::Application>> applications(Transaction& tx, const Where& where);
// am_subscription s, am_api a, am_application p.
Result<std::vector<model::Subscription>> subscriptions(Transaction& tx, const Where& where);
// am_api_key k, am_application a.
Result<std::vector<model::ApiKey>> api_keys(Transaction& tx, const Where& where);
// One level's table.
Result<std::vector<model::ThrottlePolicy>> policies(Transaction& tx, model::PolicyLevel level,
                                                    const Where& where);
// am_block_conditions.
Result<std::vector<model::DenyCondition>> denies(Transaction& tx, const Where& where);

}  // namespace apim::store::rows
