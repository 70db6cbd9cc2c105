// Challenge: the texts of a 401 that follow from the API's schemes (WSO2's wording and order).

#pragma once

#include <string_view>

#include "exchange/exchange.h"

namespace apim::auth {

// The value of WWW-Authenticate, in the arena (empty when that is full).
std::string_view challenge_text(Arena& arena, const fbs::Api& api);

// What replaces {0} of KeyMissing: all three forms, with the API's header names.
std::string_view credential_forms(Arena& arena, const fbs::Api& api);

}  // namespace apim::auth
