// Finish: the one exit of an exchange. Counts it and hands its record to the access log, exactly
// once.

#pragma once

#include "exchange/exchange.h"
#include "gate/context.h"

namespace apim::gate {

// How it ended.
struct Ending {
  uint16_t status = 0;                  // Sent to the client; 0: it vanished before an answer.
  FaultCode fault = FaultCode::kCount;  // kCount: none.
};

// x's views are still valid; nothing of x is changed but timings.finished.
void finish(Exchange& x, const Ending& ending, Context& context);

}  // namespace apim::gate
