// Match: which API and which of its operations a request is for.
//
// Vhost by the request's host, then the longest context that ends at a segment
// boundary, then the operation: exact > template (file order) > longest
// wildcard > suffix. Rules: WSO2's (URLMappingBasedDispatcher and friends).

#pragma once

#include <string>

#include "exchange/exchange.h"
#include "routes_generated.h"

namespace apim::match {

struct Settings {
  // A host that names no vhost of the snapshot is served as this one. Empty: such a host is
  // answered 404.
  std::string default_vhost;
};

// The vhost that serves x.request.host: its own, or the default one. Null: none does.
const fbs::Vhost* vhost_of(const Exchange& x, const Settings& settings);

// Fills x.route. Answers: ApiNotFound, TransportRefused, ResourceNotFound, MethodNotAllowed (with
// Allow), ApiBlocked. OPTIONS on a known path that does not declare it: answers 200 without fault
// (Answer.code == kCount), with the path's methods in Answer.allow; policy::respond() makes the
// CORS preflight headers out of them. Precondition: x.image is pinned, x.request is parsed.
Verdict match(Exchange& x, const Settings& settings);

}  // namespace apim::match
