// Digest: SHA-256, and comparing what must not be guessed byte by byte.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace apim::crypto {

using Sha256 = std::array<uint8_t, 32>;

Sha256 sha256(std::span<const uint8_t> bytes);
Sha256 sha256(std::string_view text);

// In time that depends on the sizes only. Different sizes are different.
bool equal_in_constant_time(std::span<const uint8_t> a, std::span<const uint8_t> b);

}  // namespace apim::crypto
