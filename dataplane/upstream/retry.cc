#include "upstream/retry.h"

namespace apim::upstream {

bool may_repeat(const Attempt& attempt) {
  return attempt.was_reused && attempt.was_sent && attempt.fault == FaultCode::BackendClosed &&
         attempt.nothing_came && !attempt.body_begun && http::is_idempotent(attempt.method);
}

bool may_go_elsewhere(const Attempt& attempt) {
  if (!attempt.was_sent) return true;
  return attempt.nothing_came && !attempt.body_begun && http::is_idempotent(attempt.method);
}

}  // namespace apim::upstream
