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

// Repeats are a part of the load, never a multiple of it: each request sent earns a fifth of one.
// One worker's.
class RetryBudget {
 public:
  static constexpr uint32_t kEarned = 20;
  static constexpr uint32_t kCost = 100;
  static constexpr uint32_t kHeldMax = 100 * kCost;

  void earn() { held_ = held_ + kEarned < kHeldMax ? held_ + kEarned : kHeldMax; }
  // False: there is nothing left to spend.
  bool spend() {
    if (held_ < kCost) return false;
    held_ -= kCost;
    return true;
  }

 private:
  uint32_t held_ = 10 * kCost;
};

}  // namespace apim::upstream
