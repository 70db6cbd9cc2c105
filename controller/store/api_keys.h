// ApiKeys: digests of the keys of an application. The key itself is never stored.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/consumer.h"
#include "store/transaction.h"

namespace apim::store::api_keys {

// Looks up the application by uuid (404), fills application_id, created, uuid unless there is one.
// 409 when the digest exists, or the application has a key of that name and type (unless the name
// is empty).
Result<model::ApiKey> insert(Transaction& tx, const std::string& tenant, model::ApiKey key);
Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid);  // 404

Result<model::ApiKey> find(Transaction& tx, const std::string& tenant,
                           const std::string& uuid);  // 404
Result<std::optional<model::ApiKey>> find_by_digest(Transaction& tx, const std::string& tenant,
                                                    const std::array<uint8_t, 32>& digest);
// Oldest first; of one type, or of both.
Result<std::vector<model::ApiKey>> list(Transaction& tx, const std::string& tenant,
                                        const std::string& application_uuid,
                                        std::optional<model::KeyType> type);

}  // namespace apim::store::api_keys
