#include "snapshot/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "crypto/digest.h"
#include "crypto/hex.h"
#include "manifest_generated.h"
#include "snapshot/frame.h"
#include "snapshot/verify_table.h"

namespace apim::snapshot {
namespace {

// Kinds this gateway understands. All must be there; another one is refused, since ignoring it
// could leave a door open that its author meant to close.
constexpr std::array kKinds{layout::Kind::Routes, layout::Kind::Apis, layout::Kind::Limits,
                            layout::Kind::Consumers, layout::Kind::Keys};

Checked<std::map<layout::Kind, uint8_t>> read_shard_bits(const fbs::Manifest& manifest) {
  std::map<layout::Kind, uint8_t> bits;
  for (const fbs::ShardBits* row : *manifest.shard_bits()) {
    const auto kind = static_cast<layout::Kind>(row->kind());
    if (std::ranges::find(kKinds, kind) == kKinds.end()) {
      return refuse(
          FaultCode::SnapshotUnknownVersion,
          fmt::format("segments of kind {} are unknown here: update the gateway", row->kind()));
    }
    if (!bits.empty() && bits.rbegin()->first >= kind)
      return meaningless("shard counts are not sorted by kind");
    if (row->bits() > kShardBitsMax) {
      return meaningless(fmt::format("2^{} {} shards are too many", row->bits(), to_text(kind)));
    }
    bits.emplace(kind, row->bits());
  }
  if (bits.size() != kKinds.size()) return meaningless("a kind of segment is missing");
  for (const auto kind : {layout::Kind::Routes, layout::Kind::Limits}) {
    if (bits.at(kind) != 0)
      return meaningless(fmt::format("{} has more than one shard", to_text(kind)));
  }
  return bits;
}

Checked<std::vector<SegmentRef>> read_segments(const fbs::Manifest& manifest) {
  const auto bits = read_shard_bits(manifest);
  if (!bits) return std::unexpected(bits.error());
  APIM_CHECK_MEANING(check_aligned(*manifest.segments()));
  std::vector<SegmentRef> refs;
  uint64_t bytes_total = 0;
  auto row = manifest.segments()->begin();
  for (const auto& [kind, shard_bits] : *bits) {
    for (uint32_t shard = 0; shard < 1U << shard_bits; ++shard, ++row) {
      if (row == manifest.segments()->end() || row->kind() != static_cast<uint8_t>(kind) ||
          row->shard() != shard) {
        return meaningless(
            fmt::format("shard {} of {} is not where it has to stand", shard, to_text(kind)));
      }
      SegmentRef ref{.kind = kind,
                     .shard = shard,
                     .shard_bits = shard_bits,
                     .bytes = row->bytes(),
                     .digest = {}};
      std::ranges::copy_n(row->sha256()->data(), layout::kDigestBytes, ref.digest.begin());
      if (ref.bytes < sizeof(layout::Header) || ref.bytes > kSegmentBytesMax) {
        return meaningless(
            fmt::format("{} has an impossible size of {} bytes", ref.text(), ref.bytes));
      }
      bytes_total += ref.bytes;
      refs.push_back(ref);
    }
  }
  if (row != manifest.segments()->end())
    return meaningless("more segments are listed than there are shards");
  if (bytes_total > kImageBytesMax)
    return meaningless(fmt::format("{} bytes are too many", bytes_total));
  return refs;
}

Checked<void> check_signature(std::span<const uint8_t> file, const crypto::Ed25519PublicKey& key) {
  const size_t signed_bytes = file.size() - layout::kSignatureBytes;
  if (crypto::verify_ed25519(key, file.first(signed_bytes), file.subspan(signed_bytes))) return {};
  return refuse(FaultCode::SnapshotUnsigned,
                fmt::format("the signature is not by the pinned key {}", key_id_of(key)));
}

}  // namespace

std::string key_id_of(const crypto::Ed25519PublicKey& key) {
  const crypto::Sha256 digest = crypto::sha256(std::span<const uint8_t>(key));
  return crypto::to_hex(std::span(digest).first(8));
}

Checked<Manifest> check_manifest(const Bytes& file, const crypto::Ed25519PublicKey& key,
                                 std::string_view environment) {
  if (file.size() > kManifestBytesMax)
    return refuse(FaultCode::SnapshotCorrupt, "the manifest is too large");
  const auto payload = check_frame(file.view(), layout::Kind::Manifest, layout::kSignatureBytes);
  if (!payload) return std::unexpected(payload.error());
  if (const auto is_signed = check_signature(file.view(), key); !is_signed)
    return std::unexpected(is_signed.error());
  const auto root = check_structure<fbs::Manifest>(*payload, fbs::ManifestIdentifier());
  if (!root) return std::unexpected(root.error());
  const fbs::Manifest& read = **root;

  if (read.environment()->string_view() != environment) {
    return meaningless(fmt::format("it is for environment {}, this gateway serves {}",
                                   read.environment()->string_view(), environment));
  }
  if (read.key_id()->string_view() != key_id_of(key))
    return meaningless("it names another key than the pinned one");
  if (read.epoch() == 0) return meaningless("its epoch is 0");
  auto segments = read_segments(read);
  if (!segments) return std::unexpected(segments.error());
  return Manifest{.epoch = read.epoch(),
                  .created_ms = read.created_ms(),
                  .environment = read.environment()->str(),
                  .segments = std::move(*segments),
                  .digest = crypto::sha256(file.view())};
}

}  // namespace apim::snapshot
