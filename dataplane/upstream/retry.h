// Retry: may a request that failed be sent again? One pure rule (RFC 9110 9.2.2).

#pragma once

#include "base/result.h"
#include "http/method.h"

namespace apim::upstream {

// How an attempt ended.
struct Attempt {
  http::Method method = http::Method::Get;
  FaultCode fault = FaultCode::BackendClosed;
  bool was_sent = false;     // Some of the request went to a connected backend.
  bool body_begun = false;   // Some of its body did, and is gone.
  bool nothing_came = true;  // Not one byte of a response.
  bool was_reused = false;   // On a connection that had served before.
};

// The same backend again, on a new connection: an old one was closed under us. The caller does it
// once.
bool may_repeat(const Attempt& attempt);

// Another backend of the group.
bool may_go_elsewhere(const Attempt& attempt);

}  // namespace apim::upstream
