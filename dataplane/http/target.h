// Target: the canonical form of a request's target.
//
// Made once, before any decision; the matcher, the policies, the log and the
// backend all read this one. Rules (RFC 3986 6.2.2 and stricter):
//   escapes of unreserved bytes are decoded, other escapes stay, hex in upper case;
//   then "//" becomes "/", "." and ".." segments are removed;
//   refused: a path above the root, "%2F" "%5C" "\" NUL CR LF in any form, control
//   bytes and bytes >= 0x80, raw <>"{}|^`, a fragment, bad escapes, ";" after a dot segment.

#pragma once

#include <string_view>

#include "base/arena.h"
#include "base/result.h"

namespace apim::http {

struct Target {
  std::string_view path;   // Starts with '/'. Canonical. "/a/b/" keeps its trailing slash.
  std::string_view query;  // Without '?', as sent (checked bytes only); empty and !has_query: none.
  bool has_query = false;
};

// `path_and_query` is an origin-form target (RFC 9112 3.2.1). Views in the result point into
// `arena` or into `path_and_query`; both must outlive it. Faults: BadRequest, Overloaded (arena
// full).
Result<Target> canonical_target(std::string_view path_and_query, Arena& arena);

}  // namespace apim::http
