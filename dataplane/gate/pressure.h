// Pressure: how short of memory the process is, and which load it sheds for that.
//
//   85 %  Closes   answers end their connections, idle ones are closed
//   92 %  Refuses  new requests are answered 503
//   95 %  Stops    nobody is accepted any more
//  100 %  Resets   connections that hold the most are reset; also when nobody could be served
//                  for a while
//
// A level includes those before it. It is entered at its share of the limit and
// left kSlackPercent below, so that it does not flap. The admin port is exempt:
// what happens must be seen.

#pragma once

#include <atomic>
#include <cstdint>

namespace apim::gate {

enum class PressureLevel : uint8_t { None, Closes, Refuses, Stops, Resets };

inline constexpr uint64_t kSlackPercent = 3;

// The level after `before`, now that `used_bytes` of `limit_bytes` are in use. `limit_bytes` 0: no
// limit, hence no pressure.
PressureLevel pressure_at(PressureLevel before, uint64_t used_bytes, uint64_t limit_bytes);

// The level of the process. One thread sets it; any thread reads it, at the price of a load.
class Pressure {
 public:
  PressureLevel level() const { return level_.load(std::memory_order_relaxed); }
  bool is_at_least(PressureLevel level) const { return this->level() >= level; }
  void set(PressureLevel level) { level_.store(level, std::memory_order_relaxed); }

 private:
  std::atomic<PressureLevel> level_{PressureLevel::None};
};

}  // namespace apim::gate
