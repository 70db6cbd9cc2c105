#include "gate/pressure.h"

#include <array>
#include <cassert>
#include <cstddef>

namespace apim::gate {
namespace {

// By PressureLevel.
constexpr std::array<uint64_t, 5> kPercents{0, 85, 92, 95, 100};

// Of memory, so that a hundred times as much still fits.
constexpr uint64_t kBytesMax = uint64_t{1} << 56;

}  // namespace

PressureLevel pressure_at(PressureLevel before, uint64_t used_bytes, uint64_t limit_bytes) {
  assert(used_bytes <= kBytesMax);
  assert(limit_bytes <= kBytesMax);
  if (limit_bytes == 0) return PressureLevel::None;
  for (size_t level = kPercents.size() - 1; level > 0; --level) {
    const uint64_t slack = level <= static_cast<size_t>(before) ? kSlackPercent : 0;
    if (used_bytes * 100 >= limit_bytes * (kPercents[level] - slack))
      return static_cast<PressureLevel>(level);
  }
  return PressureLevel::None;
}

}  // namespace apim::gate
