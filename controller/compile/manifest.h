// Manifest: the signed list of a snapshot's segments.
//
// File: header | FlatBuffer | Ed25519 signature over both. The key pair is the
// controller's; gateways pin the public half.

#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "compile/segment.h"

namespace apim::compile {

using PublicKey = std::array<uint8_t, 32>;

struct SigningKey {
  std::array<uint8_t, 64> secret{};  // libsodium's form: seed and public key.
  PublicKey public_key{};
};

SigningKey signing_key_from_seed(const std::array<uint8_t, 32>& seed);

// First 16 hexadecimal digits of SHA-256 of the public key.
std::string key_id(const PublicKey& key);

struct Manifest {
  std::string environment;
  uint64_t epoch = 0;
  uint64_t created_ms = 0;
  uint64_t rollback_of = 0;
  std::string key_id;  // Written from the key, whatever stands here.
  Content content;
};

std::string write_manifest(const Manifest& manifest, const SigningKey& key);

// Refuses a wrong header, hash, signature, structure or meaning; the error says which.
std::expected<Manifest, std::string> read_manifest(std::string_view file, const PublicKey& key);

// The same without a key: for inspection of foreign files. The signature is not checked.
std::expected<Manifest, std::string> read_unverified_manifest(std::string_view file);

}  // namespace apim::compile
