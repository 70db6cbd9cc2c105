// Proceed: the spine. Which step comes after which, on one screen.
//
//   match ─> authenticate ─> throttle ─> shape ─> forward ─> (respond)

#pragma once

#include "exchange/exchange.h"
#include "gate/context.h"
#include "upstream/forward.h"

namespace apim::gate {

enum class Step : uint8_t { Match, Authenticate, Throttle, Shape, Forward, Done };

// Runs steps from `*step` on until one does not say Next. Wait: the leg is under way (or a later
// step waits; then proceed() is called again). Answer: x.answer is set. Never returns Next.
Verdict proceed(Exchange& x, Step* step, upstream::Leg& leg, upstream::LegOwner& owner,
                Context& context);

}  // namespace apim::gate
