// Layout: what the compiler and the gateway must agree on beyond the .fbs files.
//
// The only C++ that both planes include. Everything here is part of the
// snapshot's format: a change of a constant, of the hash or of the probing is a
// change of kSchemaMajor (schemas/README.md says who bumps what).
//
// A file of the snapshot is
//
//   Header (64 bytes) | payload (a FlatBuffer) | manifest only: Ed25519 signature (64 bytes)
//
// The signature covers header and payload. A segment has no signature of its
// own: the signed manifest names it by the SHA-256 of its whole file.

#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace apim::layout {

// ---------------------------------------------------------------- file header

constexpr std::array<char, 4> kMagic{'A', 'P', 'I', 'M'};
constexpr uint16_t kSchemaMajor = 1;  // A reader refuses any other.
constexpr uint16_t kSchemaMinor = 0;  // A reader accepts any: fields are only appended.
constexpr size_t kSignatureBytes = 64;
constexpr size_t kDigestBytes = 32;
constexpr size_t kPayloadAlignment = 64;

// Values are part of the format; never reuse one.
enum class Kind : uint8_t {
  Manifest = 1,
  Routes = 2,
  Apis = 3,
  Limits = 4,
  Consumers = 5,
  Keys = 6,
  Trust = 7,
  Revoked = 8,
};

using Digest = std::array<uint8_t, kDigestBytes>;

// Little-endian on disk, like FlatBuffers themselves.
struct Header {
  std::array<char, 4> magic;
  uint16_t schema_major;
  uint16_t schema_minor;
  Kind kind;
  uint8_t reserved[7];     // Zero.
  uint64_t payload_bytes;  // Exactly what follows the header (before a signature).
  Digest payload_sha256;
  uint8_t reserved_tail[8];  // Zero.
};
static_assert(sizeof(Header) == 64);
static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// ------------------------------------------------------------------- the hash

// 64-bit hash of bytes: multiply-and-fold over 8-byte words, the published
// "folded multiply" construction. Not a MAC: tables are built by the
// controller only, and every probe is bounded by the bucket's run.
constexpr uint64_t kHashSeed = 0x9e3779b97f4a7c15ULL;

inline uint64_t fold(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t hash_bytes(std::string_view bytes, uint64_t seed = kHashSeed) {
  uint64_t state = seed ^ (bytes.size() * 0xa0761d6478bd642fULL);
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    state = fold(state ^ word, 0xe7037ed1a0b428dbULL);
  }
  uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, at, left);
  state = fold(state ^ tail, 0x8ebc6af09c88c6e3ULL);
  return fold(state, 0x589965cc75374cc3ULL);
}

// One number out of several: `hash_join(hash_join(kHashSeed, a), b)`.
inline uint64_t hash_join(uint64_t state, uint64_t value) {
  return fold(state ^ value, 0xe7037ed1a0b428dbULL) ^ value;
}

// ------------------------------------------------------ bucketed sorted tables

// A hash table without empty slots: entries sorted ascending by their 64-bit
// hash, and `index` with bucket_count + 1 offsets, so that bucket b holds
// entries [index[b], index[b+1]). b is the top bits of the hash. bucket_count
// is a power of two, the smallest that is >= the number of entries (at least 1).

constexpr uint32_t bucket_count_for(size_t entry_count) {
  return static_cast<uint32_t>(std::bit_ceil(entry_count < 1 ? size_t{1} : entry_count));
}

constexpr uint32_t bucket_of(uint64_t hash, uint32_t bucket_count) {
  const int bits = std::countr_zero(bucket_count);
  return bits == 0 ? 0 : static_cast<uint32_t>(hash >> (64 - bits));
}

// The 64-bit hash of a credential digest: its first 8 bytes, big-endian, so
// that sorting by it and sorting by the digest agree.
inline uint64_t digest_hash(const uint8_t* digest) {
  uint64_t value;
  std::memcpy(&value, digest, 8);
  return __builtin_bswap64(value);
}

// ------------------------------------------------------------------- sharding

// shard_bits of a kind stands in the manifest. Ids (API, application) shard by
// their low bits so that consecutive ids spread; digests shard by their first
// bits, which leaves the following bits for the bucket.
constexpr uint32_t shard_of_id(uint32_t id, uint8_t shard_bits) {
  return id & ((1U << shard_bits) - 1U);
}
inline uint32_t shard_of_digest(const uint8_t* digest, uint8_t shard_bits) {
  return shard_bits == 0 ? 0 : static_cast<uint32_t>(digest_hash(digest) >> (64 - shard_bits));
}
// The bucket hash of a digest inside its shard: the shard's bits shifted out.
inline uint64_t digest_bucket_hash(const uint8_t* digest, uint8_t shard_bits) {
  return digest_hash(digest) << shard_bits;
}

// ----------------------------------------------------- hashes with a fixed text

// Route: hash_bytes(path prefix, starting with '/', no trailing '/').
// Exact operation: hash_bytes(resource path, starting with '/').
// Deny condition on an API: hash_bytes(context with version, "/pizza/1.0.0").
// Deny condition on an application: hash_bytes("owner:name").
// Deny condition on a user: hash_bytes("user@tenant").
// Endpoint: hash_bytes("http|https://host:port", lower case, port always given).

}  // namespace apim::layout
