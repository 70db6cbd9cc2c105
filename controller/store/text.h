// Text: forms of values inside the database: hex, LIKE patterns, and what may be stored at all.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace apim::store {

// Well-formed UTF-8 without NUL: what both databases keep unchanged.
bool is_storable_text(std::string_view text);

std::string to_hex(std::span<const uint8_t> bytes);
// Nothing unless `hex` is exactly bytes.size() pairs of lower-case digits.
bool from_hex(std::string_view hex, std::span<uint8_t> bytes);

// Lower case of ASCII letters; others stay. What SQL's lower() does in both databases.
std::string lower(std::string_view text);

// A pattern for LIKE ? ESCAPE '!' over lower(column): '*' is any run, everything else itself.
// With `anywhere` and no '*' in the text, it may stand anywhere.
std::string like_pattern(std::string_view text, bool anywhere);

}  // namespace apim::store
