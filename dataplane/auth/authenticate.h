// Authenticate: who calls, may they call this API, and as production or sandbox.
//
// Every way out that is not proven is closed: a scheme the gateway cannot
// check, a credential it does not know, an API that demands a client
// certificate.

#pragma once

#include "exchange/exchange.h"

namespace apim::auth {

// Fills x.principal; marks credentials in x.request.fields as dropped and takes them out of
// x.request.target.query (rewritten in the arena), so that neither log nor backend sees them.
// Answers with WSO2's codes; every 401 carries Answer.challenge.
// Precondition: match() returned Next.
Verdict authenticate(Exchange& x);

// "user@tenant" as counters and deny conditions know the caller, in the image; "anonymous"; empty
// before authenticate().
std::string_view user_of(const Principal& principal);

}  // namespace apim::auth
