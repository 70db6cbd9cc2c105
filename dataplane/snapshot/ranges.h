// Ranges: whether a sorted list of disjoint address ranges holds an address. Both ends belong to a
// range.

#pragma once

#include "base/address.h"
#include "common_generated.h"

namespace apim::snapshot {

inline AddressRange to_range(const fbs::IpRange& range) {
  return {.first = {range.first_high(), range.first_low()},
          .last = {range.last_high(), range.last_low()}};
}

inline bool holds(const flatbuffers::Vector<const fbs::IpRange*>& ranges, const Address& address) {
  uint32_t low = 0;
  uint32_t high = ranges.size();
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (to_range(*ranges.Get(middle)).last < address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < ranges.size() && to_range(*ranges.Get(low)).holds(address);
}

}  // namespace apim::snapshot
