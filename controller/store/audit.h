// Audit: who did what, append only, each row chained to the one before by SHA-256.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/page.h"
#include "store/transaction.h"

namespace apim::store::audit {

struct Entry {
  uint64_t number = 0;  // 1, 2, 3, ... without gaps
  int64_t at_ms = 0;
  std::string tenant = {};
  std::string user = {};
  std::string action = {};  // "api.deploy"
  std::string target = {};  // "API 'pizza' 1.0.0"
  std::string before = {};  // JSON or "", secrets redacted by the caller
  std::string after = {};
  std::string hash = {};  // hex of SHA-256 over the previous hash and every field above
};

// Fills number, at_ms and hash.
Result<void> append(Transaction& tx, Entry entry);
// Newest first.
Result<Listing<Entry>> list(Transaction& tx, const std::string& tenant, const Page& page);
// Walks the whole chain; nothing when it holds, else the number of the first entry that does not.
Result<std::optional<uint64_t>> first_broken(Transaction& tx);

}  // namespace apim::store::audit
