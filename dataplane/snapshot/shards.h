// Shards: an image's tables as raw pointers into its segments, so that a lookup is arithmetic and
// one or two reads.

#pragma once

#include <memory>
#include <vector>

#include "snapshot/image.h"
#include "snapshot/segment.h"

namespace apim::snapshot {

// ids (sorted) and tables side by side.
template <class Table>
struct IdShard {
  const uint32_t* ids = nullptr;
  uint32_t count = 0;
  const flatbuffers::Vector<flatbuffers::Offset<Table>>* tables = nullptr;

  const Table* find(uint32_t id) const {
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
