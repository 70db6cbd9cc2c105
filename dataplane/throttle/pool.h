// Pool: how much of one limit is used in its current window. Pools: all of them, shared by the
// workers.
//
// One pool is one atomic word, `end of the window << 32 | used`, so a charge is
// one compare-and-swap and exact across threads. Lookup takes no lock; a key
// that is new takes one of the insertion locks and may overwrite a pool whose
// window is over. Pools never move: an index stays valid for the table's life.
//
//   key ──> bucket of 8 cells ── full ──> the next bucket ── ... 32 buckets full ──> Full
//
// A cell that was used once never becomes empty again, so an empty cell ends a
// search: a key stands behind it only if there was no room before it.
//
// Why a lookup may race with an overwrite: a reader loads the word, then the
// key, then swaps the word. A cell is overwritten only some seconds after its
// window's end, and the word put there has a later end, so the reader's swap
// fails and it looks again.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "throttle/window.h"

namespace apim::throttle {

// 128-bit hash of a limit's key and its window's definition.
struct PoolKey {
  uint64_t high = 0;
  uint64_t low = 0;
  friend bool operator==(const PoolKey&, const PoolKey&) = default;
};

struct Allowance {
  Window window;
  uint32_t now_s = 0;  // Within the window.
  uint64_t count = 0;  // > 0. Held at kCountMax.
  bool lets_overage_pass = false;
};

struct Spent {
  enum class Outcome : uint8_t { Admitted, Over, Exhausted, Full };
  Outcome outcome = Outcome::Full;
  uint32_t pool_index = 0;    // Admitted, Over: where it was charged.
  uint32_t window_end_s = 0;  // Unix time: end of the window charged or found exhausted.
};

// What a limit has left, without spending.
struct Remaining {
  uint64_t used = 0;
  uint32_t window_end_s = 0;
};

// What a spend() would come to now.
struct Outlook {
  Spent::Outcome outcome = Spent::Outcome::Full;
  Remaining now;
};

class Pools {
 public:
  // The largest number that one window can count to; higher limits admit this many.
  static constexpr uint64_t kCountMax = UINT32_MAX - 1;
  // How long after its window's end a pool is kept: workers' clocks differ by a loop turn.
  static constexpr uint32_t kGraceSeconds = 5;

  // Room for `pools_max` keys at one time: half as many cells again, so that hardly a key leaves
  // its bucket. Memory is touched as keys appear (32 bytes each).
  explicit Pools(size_t pools_max);
  ~Pools();
  Pools(const Pools&) = delete;
  Pools& operator=(const Pools&) = delete;

  // Spends one. When the window's count is used up: Exhausted and nothing is spent, or, with
  // `lets_overage_pass`, Over and counted. Full: a new key found no room.
  Spent spend(const PoolKey& key, const Allowance& allowance);

  // Has the processor fetch what spend() will look at first. Callers are many and their pools lie
  // anywhere: several asked for together are waited for once.
  void prefetch(const PoolKey& key) const { __builtin_prefetch(bucket(home_of(key), 0), 1); }

  // Undoes one spend(). Does nothing once that window is over.
  void give_back(uint32_t pool_index, uint32_t window_end_s);

  Remaining peek(const PoolKey& key, const Window& window) const;

  // What spend() would say, by the same rules; spends nothing and takes no cell.
  Outlook look(const PoolKey& key, const Allowance& allowance) const;

  // Secret of this process; the start of every PoolKey, so that nobody can choose keys that
  // collide.
  uint64_t seed() const { return seed_; }
  // Cells in use or left over from a past window.
  size_t size() const { return size_.load(std::memory_order_relaxed); }
  size_t cell_count() const { return bucket_count_ * kBucketCells; }

 private:
  static constexpr size_t kBucketCells = 8;
  static constexpr size_t kProbesMax = 32;
  static constexpr size_t kLocks = 64;
  struct alignas(32) Cell {
    std::atomic<uint64_t> word;
    std::atomic<uint64_t> key_high;
    std::atomic<uint64_t> key_low;
  };
  struct Found {
    Cell* cell = nullptr;  // Null: the key has no pool.
    uint64_t word = 0;     // Read before the key.
  };

  // The bucket where a key's search begins, and its n-th successor, around the end.
  size_t home_of(const PoolKey& key) const {
    return (key.high >> 32) * bucket_count_ / (1ULL << 32);
  }
  Cell* bucket(size_t home, size_t n) const {
    const size_t index = home + n < bucket_count_ ? home + n : home + n - bucket_count_;
    return cells_ + index * kBucketCells;
  }
  Found find(const PoolKey& key) const;
  bool has_room(const PoolKey& key, uint32_t now_s) const;
  Cell* claim_in(Cell* first, uint32_t now_s);
  Spent insert(const PoolKey& key, const Allowance& allowance);
  // Nothing when another thread changed the word meanwhile.
  bool charge(Found found, const Allowance& allowance, Spent& spent);
  uint32_t index_of(const Cell* cell) const { return static_cast<uint32_t>(cell - cells_); }

  size_t bucket_count_;
  uint64_t seed_;
  Cell* cells_;
  std::atomic<size_t> size_{0};
  std::array<std::mutex, kLocks> locks_;  // Two threads must not insert the same key.
};

}  // namespace apim::throttle
