// Window: the piece of time a limit counts in. Fixed and aligned, as WSO2's.
//
// Second to Week: multiples of unit_time * unit since the Unix epoch (WSO2's timeBatch with start
// 0). Month and Year: multiples of unit_time calendar units (UTC) since January 1970.

#pragma once

#include <cstdint>

#include "common_generated.h"

namespace apim::throttle {

struct Window {
  uint32_t begin_s = 0;  // Unix time
  uint32_t end_s = 0;    // the first second after it
};

// The window of `limit` that holds `now_s`. Times past 2106 stand still at the last window.
Window window_at(const fbs::Limit& limit, uint64_t now_s);

}  // namespace apim::throttle
