// Revisions: immutable copies of an API's document and definition, numbered per API.

#pragma once

#include <string>
#include <vector>

#include "model/api.h"
#include "store/transaction.h"

namespace apim::store::revisions {

// Copies the working copy. The number is one above the highest ever used by that API. How many an
// API may keep is the caller's rule (count()). 404: 900308.
Result<model::Revision> create(Transaction& tx, const std::string& tenant,
                               const std::string& api_uuid, const std::string& description,
                               const std::string& user);
Result<model::Revision> find(Transaction& tx, const std::string& tenant,
                             const std::string& api_uuid, const std::string& uuid);  // 404: 900347
Result<model::Revision> find_by_number(Transaction& tx, const std::string& tenant,
                                       const std::string& api_uuid, uint32_t number);
// Oldest first, documents and definitions left empty.
Result<std::vector<model::Revision>> list(Transaction& tx, const std::string& tenant,
                                          const std::string& api_uuid);
Result<uint32_t> count(Transaction& tx, const std::string& tenant, const std::string& api_uuid);
// 400 (900348) while deployed.
Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& api_uuid,
                    const std::string& uuid);

}  // namespace apim::store::revisions
