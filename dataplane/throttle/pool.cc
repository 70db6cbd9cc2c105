#include "throttle/pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <random>

namespace apim::throttle {
namespace {

constexpr uint64_t kNeverUsed = 0;
constexpr uint64_t kClaimed = ~0ULL;  // A thread is putting another key there.

constexpr uint64_t word_of(uint32_t end_s, uint64_t used) { return uint64_t{end_s} << 32 | used; }
constexpr uint32_t end_of(uint64_t word) { return static_cast<uint32_t>(word >> 32); }
constexpr uint64_t used_of(uint64_t word) { return word & UINT32_MAX; }

uint64_t random_seed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

// Which window to count in when the pool stands at `end_s`. Normally the request's own. A pool that
// is one window ahead was moved by a worker whose clock is a moment ahead: count there. Further
// ahead: the clock was set back.
uint32_t window_to_count_in(uint32_t end_s, const Window& window) {
  const uint64_t length_s = window.end_s - window.begin_s;
  const bool is_ahead = end_s > window.end_s && end_s <= window.end_s + 2 * length_s;
  return is_ahead ? end_s : window.end_s;
}

Remaining standing_of(uint64_t word, const Window& window) {
  const uint32_t end_s = window_to_count_in(end_of(word), window);
  return {.used = end_s == end_of(word) ? used_of(word) : 0, .window_end_s = end_s};
}

// How one more ends where `used` were spent.
Spent::Outcome outcome_of(uint64_t used, const Allowance& allowance) {
  if (used < std::min(allowance.count, Pools::kCountMax)) [[likely]]
    return Spent::Outcome::Admitted;
  return allowance.lets_overage_pass ? Spent::Outcome::Over : Spent::Outcome::Exhausted;
}

// Another key may have the cell.
bool is_over(uint64_t word, uint32_t now_s) {
  return word == kNeverUsed ||
         (word != kClaimed && uint64_t{end_of(word)} + Pools::kGraceSeconds <= now_s);
}

}  // namespace

Pools::Pools(size_t pools_max)
    : bucket_count_((pools_max + pools_max / 2 + kBucketCells - 1) / kBucketCells),
      seed_(random_seed()) {
  assert(bucket_count_ > 0);
  assert(bucket_count_ <= UINT32_MAX / kBucketCells);
  void* memory = mmap(nullptr, cell_count() * sizeof(Cell), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  cells_ = static_cast<Cell*>(memory);  // Zero bytes are cells never used.
}

Pools::~Pools() { munmap(cells_, cell_count() * sizeof(Cell)); }

Pools::Found Pools::find(const PoolKey& key) const {
  const size_t home = home_of(key);
  for (size_t n = 0; n < std::min(kProbesMax, bucket_count_); ++n) {
    Cell* const first = bucket(home, n);
    for (Cell* cell = first; cell < first + kBucketCells; ++cell) {
      const uint64_t word = cell->word.load(std::memory_order_acquire);
      if (word == kNeverUsed) return {};
      if (word == kClaimed) continue;
      if (cell->key_high.load(std::memory_order_relaxed) != key.high) continue;
      if (cell->key_low.load(std::memory_order_relaxed) != key.low) continue;
      return {cell, word};
    }
  }
  return {};
}

bool Pools::charge(Found found, const Allowance& allowance, Spent& spent) {
  const Remaining now = standing_of(found.word, allowance.window);
  spent = {.outcome = outcome_of(now.used, allowance),
           .pool_index = index_of(found.cell),
           .window_end_s = now.window_end_s};
  if (spent.outcome == Spent::Outcome::Exhausted) return true;
  const uint64_t next = word_of(now.window_end_s, std::min(now.used + 1, kCountMax));
  return found.cell->word.compare_exchange_strong(found.word, next, std::memory_order_acq_rel,
                                                  std::memory_order_relaxed);
}

Spent Pools::spend(const PoolKey& key, const Allowance& allowance) {
  assert(allowance.count > 0);
  assert(allowance.window.begin_s < allowance.window.end_s);
  for (;;) {  // Somebody else's charge went through whenever ours did not.
    const Found found = find(key);
    if (found.cell == nullptr) return insert(key, allowance);
    Spent spent;
    if (charge(found, allowance, spent)) return spent;
  }
}

Pools::Cell* Pools::claim_in(Cell* first, uint32_t now_s) {
  for (Cell* cell = first; cell < first + kBucketCells; ++cell) {
    uint64_t word = cell->word.load(std::memory_order_acquire);
    if (!is_over(word, now_s)) continue;
    if (!cell->word.compare_exchange_strong(word, kClaimed, std::memory_order_acq_rel)) continue;
    if (word == kNeverUsed) size_.fetch_add(1, std::memory_order_relaxed);
    return cell;
  }
  return nullptr;
}

Spent Pools::insert(const PoolKey& key, const Allowance& allowance) {
  const std::lock_guard guard(locks_[key.low % kLocks]);
  for (;;) {  // As in spend().
    const Found found = find(key);
    if (found.cell == nullptr) break;
    Spent spent;
    if (charge(found, allowance, spent)) return spent;
  }
  const size_t home = home_of(key);
  Cell* cell = nullptr;
  for (size_t n = 0; cell == nullptr && n < std::min(kProbesMax, bucket_count_); ++n) {
    cell = claim_in(bucket(home, n), allowance.now_s);
  }
  if (cell == nullptr)
    return {
        .outcome = Spent::Outcome::Full, .pool_index = 0, .window_end_s = allowance.window.end_s};
  cell->key_high.store(key.high, std::memory_order_relaxed);
  cell->key_low.store(key.low, std::memory_order_relaxed);
  cell->word.store(word_of(allowance.window.end_s, 1), std::memory_order_release);
  return {.outcome = Spent::Outcome::Admitted,
          .pool_index = index_of(cell),
          .window_end_s = allowance.window.end_s};
}

void Pools::give_back(uint32_t pool_index, uint32_t window_end_s) {
  assert(pool_index < cell_count());
  std::atomic<uint64_t>& word = cells_[pool_index].word;
  uint64_t seen = word.load(std::memory_order_acquire);
  while (seen != kClaimed && end_of(seen) == window_end_s && used_of(seen) > 0) {
    if (word.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel)) return;
  }
}

Remaining Pools::peek(const PoolKey& key, const Window& window) const {
  const Found found = find(key);
  if (found.cell == nullptr) return {.used = 0, .window_end_s = window.end_s};
  return standing_of(found.word, window);
}

bool Pools::has_room(const PoolKey& key, uint32_t now_s) const {
  const size_t home = home_of(key);
  for (size_t n = 0; n < std::min(kProbesMax, bucket_count_); ++n) {
    const Cell* const first = bucket(home, n);
    for (const Cell* cell = first; cell < first + kBucketCells; ++cell) {
      if (is_over(cell->word.load(std::memory_order_acquire), now_s)) return true;
    }
  }
  return false;
}

Outlook Pools::look(const PoolKey& key, const Allowance& allowance) const {
  assert(allowance.count > 0);
  const Found found = find(key);
  if (found.cell != nullptr) {
    const Remaining now = standing_of(found.word, allowance.window);
    return {.outcome = outcome_of(now.used, allowance), .now = now};
  }
  const bool is_admitted = has_room(key, allowance.now_s);
  return {.outcome = is_admitted ? Spent::Outcome::Admitted : Spent::Outcome::Full,
          .now = {.used = 0, .window_end_s = allowance.window.end_s}};
}

}  // namespace apim::throttle
