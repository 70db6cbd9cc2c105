// Projection: an API's operations, scopes, tags and plans as rows, for searches and in-use checks.

#pragma once

#include <string>

#include "model/api.h"
#include "store/transaction.h"

namespace apim::store::projection {

// Replaces the rows of the working copy (revision_uuid "") or writes those of a new revision.
Result<void> write(Transaction& tx, const model::Api& api, const std::string& revision_uuid);
Result<void> erase(Transaction& tx, uint32_t api_id, const std::string& revision_uuid);

}  // namespace apim::store::projection
