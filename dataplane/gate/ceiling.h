// Ceiling: looks at the process's memory from the main loop, and sets the pressure.

#pragma once

#include <cstdint>
#include <functional>

#include "gate/pressure.h"
#include "net/loop.h"

namespace apim::gate {

class Ceiling final : private net::Deadline {
 public:
  static constexpr uint64_t kCheckMs = 250;
  // So often in a row it may find that nobody can be served; then the largest connections go.
  static constexpr uint32_t kPatienceLooks = 12;

  // Looks as long as it lives. `used_bytes` is asked at every look. `tell` runs after a look that
  // found pressure, and after the first one that found none any more. The loop outlives it.
  Ceiling(net::Loop& loop, uint64_t limit_bytes, std::function<uint64_t()> used_bytes,
          Pressure& pressure, std::function<void()> tell);

 private:
  void on_due() override;

  net::Loop& loop_;
  const uint64_t limit_bytes_;
  const std::function<uint64_t()> used_bytes_;
  Pressure& pressure_;
  const std::function<void()> tell_;
  uint32_t refused_looks_ = 0;
};

}  // namespace apim::gate
