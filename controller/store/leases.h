// Leases: which controller may publish, with a token that grows with each new holder.
//
// A holder renews before the time is up. Clocks of controllers may differ by less than the lease
// time: somebody who was away too long still finds out, because its token is no longer the newest.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/transaction.h"

namespace apim::store::leases {

struct Lease {
  std::string name = {};    // "publisher"
  std::string holder = {};  // one id per process start
  uint64_t token = 0;       // fencing token
  int64_t expires_ms = 0;
};

// Takes a free or expired lease (new token), or renews one's own (same token); nothing when
// somebody else holds it.
Result<std::optional<Lease>> acquire(Transaction& tx, const std::string& name,
                                     const std::string& holder, int64_t duration_ms);
// Whether this token still is the newest and unexpired; ask inside the transaction it protects.
Result<bool> holds(Transaction& tx, const Lease& lease);
// Gives it back early; somebody else's is left alone.
Result<void> release(Transaction& tx, const Lease& lease);

}  // namespace apim::store::leases
