// Answer: a response the gateway makes itself.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace apim {

struct Exchange;

// Set once, by the step that refuses. Views live in the arena or are literals.
struct Answer {
  bool set = false;
  FaultCode code = FaultCode::kCount;  // kCount: no fault (a CORS preflight).
  uint16_t status = 0;
  std::string_view content_type;  // Empty: no body.
  std::string_view body;
  std::string_view challenge;  // WWW-Authenticate value; empty: none.
  std::string_view allow;      // Allow value (405, preflight); empty: none.
  // Unix time for Retry-After (RFC 1123 date) and nextAccessTime; 0: none.
  uint64_t retry_at_s = 0;
  const char* what = "";  // The fault's, for operators: a literal, never sent to the client.
};

// Fills `x.answer` with WSO2's body for the fault. `detail` replaces {0} of the description (its
// first 2 KiB); without one, and with `x.answer.retry_at_s` set before the call, the moment of the
// next access does, and the body carries nextAccessTime. Idempotent: the first answer stands.
void answer(Exchange& x, const Fault& fault, std::string_view detail = {});

}  // namespace apim
