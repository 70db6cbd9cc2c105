// H1 parser: a clean head (http/guard.h) becomes a checked RequestHead or ResponseHead.
//
// llhttp, strict, splits the fields; framing, version, method, target and host
// are decided here and only here (RFC 9112 3, 6; RFC 9110 7.2, 7.6.1). What two
// readers could understand differently is refused, never repaired.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "http/field_id.h"
#include "http/head.h"

namespace apim::http {

// `text` is a whole head as the guard counted it, first byte of the start line to the empty line;
// it and the arena must outlive `head`. On a fault `head` holds what was understood before it, for
// the log.
Result<void> parse_request(std::string_view text, uint32_t field_count, Arena& arena,
                           RequestHead* head);

// `request_method` decides whether a body follows. Faults: BackendProtocol, Overloaded (arena
// full).
Result<void> parse_response(std::string_view text, uint32_t field_count, Method request_method,
                            Arena& arena, ResponseHead* head);

// Of the llhttp that is linked, "8.1.0".
std::string_view llhttp_version_text();

}  // namespace apim::http
