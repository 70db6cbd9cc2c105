// Ed25519: whether the controller signed these bytes (RFC 8032).

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace apim::crypto {

using Ed25519PublicKey = std::array<uint8_t, 32>;

// Base64 of 32 bytes, surrounding whitespace allowed: the text of keys/snapshot.pub.
std::optional<Ed25519PublicKey> parse_ed25519_public_key(std::string_view text);

// False for a signature of any other size than 64 bytes.
bool verify_ed25519(const Ed25519PublicKey& key, std::span<const uint8_t> message,
                    std::span<const uint8_t> signature);

}  // namespace apim::crypto
