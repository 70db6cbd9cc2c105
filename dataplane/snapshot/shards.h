// Shards: an image's tables as raw pointers into its segments, so that a lookup is arithmetic and
// one or two reads.

#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "snapshot/image.h"
#include "snapshot/segment.h"

namespace apim::snapshot {

// ids (sorted) and tables side by side.
template <class Table>
struct IdShard {
  using Tables = flatbuffers::Vector<flatbuffers::Offset<Table>>;

  const uint32_t* ids = nullptr;
  uint32_t count = 0;
  uint32_t first_id = 0;
  uint64_t density = 0;  // Places per id, times 2^32.
  const Tables* tables = nullptr;

  IdShard() = default;
  IdShard(const flatbuffers::Vector<uint32_t>& sorted_ids, const Tables* side_by_side)
      : ids(sorted_ids.data()), count(sorted_ids.size()), tables(side_by_side) {
    if (count == 0) return;
    first_id = ids[0];
    density = (uint64_t{count - 1} << 32) / std::max(1U, ids[count - 1] - first_id);
  }

  // Ids are given out in order, so most often one stands where even steps put it: one line of
  // memory instead of a search's four or five.
  const Table* find(uint32_t id) const {
    const uint64_t guess = ((id - first_id) * density + (uint64_t{1} << 31)) >> 32;
    if (guess < count && ids[guess] == id) return tables->Get(static_cast<uint32_t>(guess));
    return search(id);
  }

  const Table* search(uint32_t id) const {
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if (ids[middle] < id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < count && ids[low] == id ? tables->Get(low) : nullptr;
  }
};

struct KeyShard {
  const uint32_t* index = nullptr;
  uint32_t bucket_count = 0;
  uint32_t count = 0;
  const fbs::KeyEntry* entries = nullptr;
  const flatbuffers::Vector<flatbuffers::Offset<fbs::Restriction>>* restrictions = nullptr;
};

struct Image::Shards {
  const fbs::Routes* routes = nullptr;
  const fbs::Limits* limits = nullptr;
  std::vector<IdShard<fbs::Api>> apis;
  std::vector<IdShard<fbs::Application>> consumers;
  std::vector<KeyShard> keys;
  uint8_t apis_bits = 0;
  uint8_t consumers_bits = 0;
  uint8_t keys_bits = 0;
  std::vector<uint32_t> policy_ids;  // Sorted; as long as `policies`.
  std::vector<const fbs::ThrottlePolicy*> policies;
  const fbs::ThrottlePolicy* unauthenticated = nullptr;
  const fbs::ThrottlePolicy* subscriptionless = nullptr;
  std::vector<std::shared_ptr<const Segment>> segments;  // By kind, then shard.
};

}  // namespace apim::snapshot
