#include "gate/ceiling.h"

#include "base/log.h"
#include "gate/memory.h"

namespace apim::gate {

Ceiling::Ceiling(net::Loop& loop, uint64_t limit_bytes, std::function<uint64_t()> used_bytes,
                 Pressure& pressure, std::function<void()> tell)
    : loop_(loop),
      limit_bytes_(limit_bytes),
      used_bytes_(std::move(used_bytes)),
      pressure_(pressure),
      tell_(std::move(tell)) {
  loop_.arm_in(*this, kCheckMs);
}

void Ceiling::on_due() {
  const PressureLevel before = pressure_.level();
  uint64_t used_bytes = used_bytes_();
  PressureLevel level = pressure_at(before, used_bytes, limit_bytes_);
  if (level != PressureLevel::None) {
    // Only what is in use counts, not what was freed and kept for later.
    return_freed();
    used_bytes = used_bytes_();
    level = pressure_at(before, used_bytes, limit_bytes_);
  }
  // Whoever holds what it has must not keep everybody else out.
  refused_looks_ = level >= PressureLevel::Refuses ? refused_looks_ + 1 : 0;
  if (refused_looks_ > kPatienceLooks) level = PressureLevel::Resets;
  pressure_.set(level);
  if (level != before) {
    log::warn("memory_pressure", {{"level", static_cast<uint8_t>(level)},
                                  {"before", static_cast<uint8_t>(before)},
                                  {"used_bytes", used_bytes},
                                  {"limit_bytes", limit_bytes_}});
  }
  if (level != PressureLevel::None || before != PressureLevel::None) tell_();
  loop_.arm_in(*this, kCheckMs);
}

}  // namespace apim::gate
