// Shape: runs the operation's plans, which become edits for whoever writes the heads.

#pragma once

#include "exchange/exchange.h"
#include "policy/cors.h"

namespace apim::policy {

// Runs the request plan: fills x.shape.{resource, query, method, request_edits}. Without a plan
// they are the client's own. Every name stands in the edits once: a client's field of that name is
// not forwarded (unless the edit `appends`); unless it `removes`, the edit's value goes in its
// place. Answers Overloaded when there are more edits than fit. Precondition: throttle() returned
// Next.
Verdict shape(Exchange& x);

// Fills x.shape.response_edits; same meaning towards the client. Runs the response plan when a
// backend answered, the fault plan when x.answer is the fault of a backend, neither otherwise; then
// adds the CORS headers. Answers Overloaded, without the plan's edits, when there are more edits
// than fit: look at x.answer afterwards. Call exactly once, right before a response head is
// written, whoever made the response.
void respond(Exchange& x, const CorsSettings& cors);

}  // namespace apim::policy
