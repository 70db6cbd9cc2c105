// Verdict: what a step tells the spine.

#pragma once

#include <cstdint>

namespace apim {

enum class Verdict : uint8_t {
  Next,    // Go on with the next step.
  Wait,    // The step called for something; resume() comes exactly once, or abandon() forgets it.
  Answer,  // The exchange's Answer is set; send it.
};

}  // namespace apim
