// Target: the one canonical reading of a request's target. Routing and permissions use nothing
// else.
//
// RFC 3986 without leniency: segments are decoded one by one; what could be read in two ways ("//",
// "/./",
// "/../", an encoded slash, a NUL, bad escapes, a trailing slash) is refused.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/problem.h"

namespace apim::rest {

struct Target {
  std::vector<std::string> path;             // "/a/b%20c" -> {"a", "b c"}; "/" -> {}
  std::map<std::string, std::string> query;  // decoded, '+' is a space; a repeated name is refused
};

// `text` is origin form: "/path?query". 400 says what is wrong.
model::Result<Target> parse_target(std::string_view text);

// Percent-decodes; nothing when an escape is broken or gives NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
// Everything but letters, digits and -._~ escaped.
std::string percent_encode(std::string_view text);

}  // namespace apim::rest
