// Request head: the head a backend gets, made from the canonical request and the plan's edits.

#pragma once

#include <string_view>

#include "exchange/exchange.h"

namespace apim::upstream {

// In x.arena. Hop-by-hop fields, credentials and what a step dropped are left out; Host is the
// endpoint's; the X-Forwarded fields are ours, behind those of a trusted proxy. Faults:
// HeadTooLarge (arena full), BadRequest (an edit with a forbidden byte).
Result<std::string_view> request_head(Exchange& x, const fbs::Endpoint& endpoint);

}  // namespace apim::upstream
