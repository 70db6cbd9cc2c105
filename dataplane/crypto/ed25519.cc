#include "crypto/ed25519.h"

#include <openssl/curve25519.h>

#include <algorithm>

#include "crypto/base64.h"

namespace apim::crypto {

std::optional<Ed25519PublicKey> parse_ed25519_public_key(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return std::nullopt;
  const size_t last = text.find_last_not_of(kSpace);
  const auto bytes = decode_base64(text.substr(first, last - first + 1));
  Ed25519PublicKey key;
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

bool verify_ed25519(const Ed25519PublicKey& key, std::span<const uint8_t> message,
                    std::span<const uint8_t> signature) {
  if (signature.size() != ED25519_SIGNATURE_LEN) return false;
  return ED25519_verify(message.data(), message.size(), signature.data(), key.data()) == 1;
}

}  // namespace apim::crypto
