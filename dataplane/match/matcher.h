// Matcher: which operation of an API a method and a path mean. Reads the matcher the compiler laid
// out; no state.
//
// Cost: one hash for exact paths; otherwise one pass over the templates and
// wildcards of the API, each compared in time linear in the path (a mixed
// segment: in its length times the pattern's).

#pragma once

#include <cstdint>
#include <string_view>

#include "apis_generated.h"

namespace apim::match {

// `resource` is canonical, starts with '/', and has no trailing '/' unless it is the root.
const fbs::Operation* find_operation(const fbs::Api& api, fbs::Method method,
                                     std::string_view resource);

// Bit m is set when some operation with method m has that path.
uint8_t methods_on(const fbs::Api& api, std::string_view resource);

// A segment against the text of a mixed one, in which byte 0 stands for one non-empty run.
bool matches_mixed(std::string_view segment, std::string_view pattern);

}  // namespace apim::match
