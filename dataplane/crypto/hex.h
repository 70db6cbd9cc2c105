// Hex: bytes as lower-case hexadecimal text and back.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apim::crypto {

std::string to_hex(std::span<const uint8_t> bytes);

// Lower case only, an even number of digits.
std::optional<std::vector<uint8_t>> parse_hex(std::string_view text);

}  // namespace apim::crypto
