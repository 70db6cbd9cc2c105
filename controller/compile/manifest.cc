#include "compile/manifest.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <tuple>

#include "manifest_generated.h"

namespace apim::compile {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Read = std::expected<Manifest, std::string>;

constexpr uint8_t kBelievedShardBitsMax = 20;

std::string build_payload(const Manifest& manifest, const PublicKey& key) {
  Builder builder;
  std::vector<fbs::SegmentRef> segments;
  for (const SegmentRef& ref : manifest.content.segments) {
    segments.emplace_back(
        flatbuffers::span<const uint8_t, 32>(ref.digest.data(), ref.digest.size()), ref.bytes,
        ref.shard, static_cast<uint8_t>(ref.kind));
  }
  std::vector<fbs::ShardBits> bits;
  for (const ShardBits& entry : manifest.content.shard_bits) {
    bits.emplace_back(static_cast<uint8_t>(entry.kind), entry.bits);
  }
  const auto environment = builder.CreateString(manifest.environment);
  const auto segment_list = builder.CreateVectorOfStructs(segments);
  const auto bit_list = builder.CreateVectorOfStructs(bits);
  const auto id = builder.CreateString(key_id(key));
  fbs::FinishManifestBuffer(
      builder, fbs::CreateManifest(builder, environment, manifest.epoch, manifest.created_ms,
                                   segment_list, bit_list, id, manifest.rollback_of));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Manifest from_fbs(const fbs::Manifest& read) {
  Manifest manifest{.environment = read.environment()->str(),
                    .epoch = read.epoch(),
                    .created_ms = read.created_ms(),
                    .rollback_of = read.rollback_of(),
                    .key_id = read.key_id()->str(),
                    .content = {}};
  for (const fbs::SegmentRef* entry : *read.segments()) {
    SegmentRef ref{.kind = static_cast<layout::Kind>(entry->kind()),
                   .shard = entry->shard(),
                   .digest = {},
                   .bytes = entry->bytes()};
    std::memcpy(ref.digest.data(), entry->sha256()->data(), ref.digest.size());
    manifest.content.segments.push_back(ref);
  }
  for (const fbs::ShardBits* entry : *read.shard_bits()) {
    manifest.content.shard_bits.push_back(
        {static_cast<layout::Kind>(entry->kind()), entry->bits()});
  }
  return manifest;
}

// Every shard of every kind once and in order; the manifest's shape has no other freedom.
std::string why_not_content(const Content& content) {
  size_t at = 0;
  uint8_t last_kind = 0;
  for (const ShardBits& bits : content.shard_bits) {
    if (static_cast<uint8_t>(bits.kind) <= last_kind) return "lists its kinds out of order";
    if (bits.bits > kBelievedShardBitsMax) return "has an absurd number of shards";
    last_kind = static_cast<uint8_t>(bits.kind);
    for (uint32_t shard = 0; shard < (1U << bits.bits); ++shard, ++at) {
      if (at >= content.segments.size() || content.segments[at].kind != bits.kind ||
          content.segments[at].shard != shard) {
        return fmt::format("does not name {}/{} in its place", to_text(bits.kind), shard);
      }
    }
  }
  return at == content.segments.size() ? "" : "names segments beyond its shards";
}

Read parse(std::string_view file) {
  std::string why;
  const std::string_view payload =
      checked_payload(file, layout::Kind::Manifest, layout::kSignatureBytes, why);
  if (!why.empty()) return std::unexpected("the manifest " + why);
  // A copy, because the verifier wants the alignment a file in a string need not have.
  const std::vector<uint64_t> aligned = [&] {
    std::vector<uint64_t> words((payload.size() + 7) / 8);
    std::memcpy(words.data(), payload.data(), payload.size());
    return words;
  }();
  const auto* const bytes = reinterpret_cast<const uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(bytes, payload.size());
  if (!fbs::VerifyManifestBuffer(verifier)) {
    return std::unexpected("the manifest is not a well-formed FlatBuffer");
  }
  Manifest manifest = from_fbs(*fbs::GetManifest(bytes));
  if (why = why_not_content(manifest.content); !why.empty()) {
    return std::unexpected("the manifest " + why);
  }
  return manifest;
}

}  // namespace

SigningKey signing_key_from_seed(const std::array<uint8_t, 32>& seed) {
  SigningKey key;
  const int made = crypto_sign_seed_keypair(key.public_key.data(), key.secret.data(), seed.data());
  assert(made == 0);
  return key;
}

std::string key_id(const PublicKey& key) {
  const std::string_view bytes(reinterpret_cast<const char*>(key.data()), key.size());
  return to_hex(sha256(bytes)).substr(0, 16);
}

std::string write_manifest(const Manifest& manifest, const SigningKey& key) {
  assert(why_not_content(manifest.content).empty());
  const std::string payload = build_payload(manifest, key.public_key);
  const layout::Header header = header_for(layout::Kind::Manifest, payload);
  std::string file(reinterpret_cast<const char*>(&header), sizeof header);
  file += payload;
  std::array<uint8_t, layout::kSignatureBytes> signature{};
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const uint8_t*>(file.data()),
                       file.size(), key.secret.data());
  file.append(reinterpret_cast<const char*>(signature.data()), signature.size());
  return file;
}

Read read_manifest(std::string_view file, const PublicKey& key) {
  Read manifest = parse(file);
  if (!manifest.has_value()) return manifest;
  const size_t signed_bytes = file.size() - layout::kSignatureBytes;
  const auto* const bytes = reinterpret_cast<const uint8_t*>(file.data());
  if (crypto_sign_verify_detached(bytes + signed_bytes, bytes, signed_bytes, key.data()) != 0) {
    return std::unexpected(fmt::format("the manifest is not signed by the key {}; it names {}",
                                       key_id(key), manifest->key_id));
  }
  return manifest;
}

Read read_unverified_manifest(std::string_view file) { return parse(file); }

}  // namespace apim::compile
