// Deny: conditions that refuse a caller whatever limits say (WSO2's blocking conditions).

#pragma once

#include "exchange/exchange.h"
#include "limits_generated.h"

namespace apim::throttle {

// Whether some condition holds for the request: its API, application, user or address. Range ends
// belong to the range.
bool is_denied(const Exchange& x, const fbs::Deny& deny);

}  // namespace apim::throttle
