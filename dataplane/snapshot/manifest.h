// Manifest: the signed list of a snapshot's segments, read and checked.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/ed25519.h"
#include "snapshot/bytes.h"
#include "snapshot/refusal.h"
#include "snapshot/segment.h"

namespace apim::snapshot {

constexpr uint64_t kManifestBytesMax = 16ULL << 20;
constexpr uint64_t kImageBytesMax = 16ULL << 30;  // All segments together.
constexpr uint8_t kShardBitsMax = 20;

struct Manifest {
  uint64_t epoch = 0;
  uint64_t created_ms = 0;
  std::string environment;
  std::vector<SegmentRef> segments;  // By kind, then shard; every shard of every kind once.
  layout::Digest digest{};  // SHA-256 of the whole file: tells two manifests of one epoch apart.
};

// Checks, in this order: size, header, signature by `key`, hash, structure, meaning, and that it is
// for `environment`. Whether the epoch is new is the keeper's question.
Checked<Manifest> check_manifest(const Bytes& file, const crypto::Ed25519PublicKey& key,
                                 std::string_view environment);

// The first 16 hexadecimal digits of the key's SHA-256: names a key in manifests.
std::string key_id_of(const crypto::Ed25519PublicKey& key);

}  // namespace apim::snapshot
