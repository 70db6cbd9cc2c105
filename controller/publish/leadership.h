// Leadership: whether this process is the one that publishes.
//
// Two locks, because each covers what the other cannot: the hub's claim tells
// processes of one host apart and ends with the process, so a restart need not
// wait; the store's lease tells hosts apart and carries the fencing token.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "publish/hub.h"
#include "store/database.h"
#include "store/leases.h"

namespace apim::publish {

class Leadership {
 public:
  Leadership(store::Database& database, Hub& hub) : database_(database), hub_(hub) {}

  enum class Role : uint8_t { Follower, NewLeader, Leader };

  // Takes or renews what it needs; cheap while fresh. NewLeader: somebody else may have published
  // meanwhile.
  Result<Role> ask();

  void resign();

 private:
  store::Database& database_;
  Hub& hub_;
  std::optional<store::leases::Lease> lease_;
  std::chrono::steady_clock::time_point renew_at_{};
};

}  // namespace apim::publish
