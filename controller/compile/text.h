// Text: the small rules about bytes that several lowerings share.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace apim::compile {

// RFC 9110 5.6.2: what a header's name consists of.
bool is_token(std::string_view text);

// No control bytes but the tab, no blank at either end.
bool is_header_value(std::string_view text);

std::string to_lower(std::string_view text);
std::string_view trimmed(std::string_view text);

// Comma list, each part trimmed, empty parts dropped.
std::vector<std::string> split_list(std::string_view text);

// Everything but unreserved bytes escaped: for a query's names and values.
std::string percent_encode(std::string_view text);

// A path as the gateway's canonical target has it (RFC 3986 6.2.2): escapes of unreserved bytes
// decoded, other escapes in upper case, bytes that cannot stand raw escaped. Refused, with the
// reason: no '/' in front, empty or dot segments, "%2F", "%5C", '\', NUL, '?', '#', control bytes,
// bad escapes. Slashes at the end are removed; the root stays "/".
std::expected<std::string, std::string> canonical_path(std::string_view text);

}  // namespace apim::compile
