// Pool: how much of one limit is used in its current window. Pools: all of them, shared by the workers.
//
// One pool is one atomic word, `end of the window << 32 | used`, so a charge is
// one compare-and-swap and exact across threads. Lookup takes no lock; a key
// that is new takes its shard's lock and may overwrite a pool whose window is
// over. Pools never move: an index stays valid for the table's life.
//
// Why a lookup may race with an overwrite: a reader loads the word, then the
// key, then swaps the word. A pool is overwritten only after its window's end,
// and the word put there has a later end, so the reader's swap fails.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "throttle/window.h"

namespace apim::throttle {

// 128-bit hash of a limit's key and its window's definition.
struct PoolKey {
  uint64_t high = 0;
  uint64_t low = 0;
  friend bool operator==(const PoolKey&, const PoolKey&) = default;
};

struct Spent {
  enum class Outcome : uint8_t { Admitted, Over, Exhausted, Full };
  Outcome outcome = Outcome::Full;
  uint32_t pool_index = 0;   // Admitted, Over: where it was charged.
  uint32_t window_end_s = 0; // Unix time; when the window charged or found exhausted ends.
};

// What a limit has left, without spending.
struct Remaining {
  uint64_t used = 0;
  uint32_t window_end_s = 0;
};

class Pools {
 public:
  // At most `pools_max` keys at one time; memory is touched as keys appear (32 bytes each).
  explicit Pools(size_t pools_max);
  ~Pools();
  Pools(const Pools&) = delete;
  Pools& operator=(const Pools&) = delete;

  // Spends one of `count` in the window that holds `now_s`. `count` > 0. When it is used up: Exhausted and nothing
  // is spent, or, with `lets_overage_pass`, Over and counted. Full: a new key found no room.
  Spent spend(const PoolKey& key, const Window& window, uint64_t count, bool lets_overage_pass);

  // Undoes one spend(). Does nothing once that window is over.
  void give_back(uint32_t pool_index, uint32_t window_end_s);

  Remaining peek(const PoolKey& key, const Window& window) const;

  // Secret of this process; the start of every PoolKey, so that nobody can choose keys that collide.
  uint64_t seed() const { return seed_; }
  // Pools in use or left over from a past window.
  size_t size() const;
  size_t pools_max() const { return pools_max_; }

 private:
  struct Cell;
  struct Shard;
  Cell* find(const PoolKey& key, uint64_t* word) const;
  Spent insert(const PoolKey& key, const Window& window);

  size_t pools_max_;
  size_t cells_per_shard_;
  uint64_t seed_;
  Cell* cells_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace apim::throttle
