#include "store/leases.h"

#include <cassert>

namespace apim::store::leases {

Result<std::optional<Lease>> acquire(Transaction& tx, const std::string& name,
                                     const std::string& holder, int64_t duration_ms) {
  assert(!holder.empty());
  assert(duration_ms > 0);
  ASSIGN_OR_REFUSE(const auto row,
                   (tx.first<std::string, int64_t, int64_t>(
                       "SELECT holder, token, expires_ms FROM apim_lease WHERE name = ?", {name})));
  Lease lease{.name = name, .holder = holder, .token = 1, .expires_ms = tx.now_ms() + duration_ms};
  if (row) {
    const auto& [held_by, token, expires_ms] = *row;
    const bool is_mine = held_by == holder;
    const bool is_over = held_by.empty() || expires_ms <= tx.now_ms();
    if (!is_mine && !is_over) return std::optional<Lease>{};
    lease.token = static_cast<uint64_t>(token) + (is_mine && !is_over ? 0 : 1);
  }
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO apim_lease (name, holder, token, expires_ms) VALUES (?, ?, ?, ?) ON "
             "CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, "
             "expires_ms = excluded.expires_ms",
             {name, holder, static_cast<int64_t>(lease.token), lease.expires_ms}));
  return std::optional<Lease>(std::move(lease));
}

Result<bool> holds(Transaction& tx, const Lease& lease) {
  ASSIGN_OR_REFUSE(
      const int64_t count,
      tx.number("SELECT COUNT(*) FROM apim_lease WHERE name = ? AND holder = ? AND token = ? AND "
                "expires_ms > ?",
                {lease.name, lease.holder, static_cast<int64_t>(lease.token), tx.now_ms()}));
  return count == 1;
}

Result<void> release(Transaction& tx, const Lease& lease) {
  CHECK_OR_REFUSE(
      tx.run("UPDATE apim_lease SET holder = '', expires_ms = 0 WHERE name = ? AND holder = ? AND "
             "token = ?",
             {lease.name, lease.holder, static_cast<int64_t>(lease.token)}));
  return {};
}

}  // namespace apim::store::leases
