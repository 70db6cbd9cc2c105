// Text: comparisons that several steps need. Linear in memory, no allocation.

#pragma once

#include <string_view>

namespace apim {

// ASCII only, both sides in any case.
bool is_same_ignoring_case(std::string_view a, std::string_view b);

// '*' in the pattern matches any run of bytes, everything else itself. No recursion; at most the
// product of the two lengths.
bool matches_glob(std::string_view text, std::string_view pattern);

}  // namespace apim
