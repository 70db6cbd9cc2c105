// Deny: conditions that refuse a caller whatever limits say (WSO2's blocking conditions).

#pragma once

#include "exchange/exchange.h"
#include "limits_generated.h"

namespace apim::throttle {

// What the first condition that holds is about.
enum class Denial : uint8_t { None, Api, Application, User, Address, Outside };

// The condition that holds for the request: on its API, application, user or address (or on every
// address outside of a range). Range ends belong to the range.
Denial denial_of(const Exchange& x, const fbs::Deny& deny);

}  // namespace apim::throttle
