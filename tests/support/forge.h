// Forge: snapshots that differ from a good one in chosen bytes, with every hash and the signature
// made to fit, so that nothing but structure and meaning stands between them and the gateway.

#pragma once

#include <sodium.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "support/world.h"

namespace apim::test {

class Forge {
 public:
  explicit Forge(const model::Catalog& catalog, uint64_t epoch = 1)
      : good_(publish(catalog, epoch)),
        manifest_(*compile::read_manifest(good_.manifest, signing_key().public_key)) {}

  const Published& good() const { return good_; }
  size_t segment_count() const { return good_.compiled.fresh.size(); }
  const compile::SegmentFile& segment(size_t i) const { return good_.compiled.fresh[i]; }
  // The first segment of that kind.
  size_t index_of(layout::Kind kind) const {
    size_t i = 0;
    while (segment(i).ref.kind != kind) ++i;
    return i;
  }

  // The FlatBuffers, without header and signature.
  std::string payload(size_t i) const { return segment(i).bytes.substr(sizeof(layout::Header)); }
  std::string manifest_payload() const {
    const size_t tail = sizeof(layout::Header) + layout::kSignatureBytes;
    return good_.manifest.substr(sizeof(layout::Header), good_.manifest.size() - tail);
  }

  // Segment `i` has these bytes, and the manifest still names what it had before.
  Published with_file(size_t i, std::string file) const {
    Published out = good_;
    out.compiled.fresh[i].bytes = std::move(file);
    return out;
  }
  // Segment `i` has this payload, and the manifest names it.
  Published with_payload(size_t i, std::string_view payload) const {
    const compile::SegmentRef& before = segment(i).ref;
    Published out = good_;
    out.compiled.fresh[i] = compile::make_segment(before.kind, before.shard, payload);
    compile::Manifest manifest = manifest_;
    for (compile::SegmentRef& ref : manifest.content.segments) {
      if (ref == before) ref = out.compiled.fresh[i].ref;
    }
    out.manifest = compile::write_manifest(manifest, signing_key());
    return out;
  }
  // The manifest has this payload, and is signed.
  Published with_manifest_payload(std::string_view payload) const {
    const layout::Header header = compile::header_for(layout::Kind::Manifest, payload);
    std::string file(reinterpret_cast<const char*>(&header), sizeof(header));
    return with_manifest(signed_file(file.append(payload)));
  }
  Published with_manifest(std::string file) const {
    Published out = good_;
    out.manifest = std::move(file);
    return out;
  }
  // Header and payload, followed by their signature.
  static std::string signed_file(std::string file) {
    std::array<uint8_t, layout::kSignatureBytes> signature;
    crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const uint8_t*>(file.data()),
                         file.size(), signing_key().secret.data());
    return file.append(signature.begin(), signature.end());
  }

 private:
  Published good_;
  compile::Manifest manifest_;
};

// As the fetcher loads it: a segment that nobody has is a refusal here.
inline snapshot::Checked<std::shared_ptr<const snapshot::Image>> load_forged(
    const Published& published, std::shared_ptr<const snapshot::Image> previous_or_null = nullptr) {
  auto manifest =
      snapshot::check_manifest(to_bytes(published.manifest), signing_key().public_key, "Default");
  if (!manifest) return std::unexpected(manifest.error());
  snapshot::ImageBuilder builder(std::move(*manifest), std::move(previous_or_null));
  for (const snapshot::SegmentRef& ref : builder.missing()) {
    const auto is_named = [&](const auto& file) { return file.ref.digest == ref.digest; };
    const auto file = std::ranges::find_if(published.compiled.fresh, is_named);
    if (file == published.compiled.fresh.end())
      return snapshot::refuse(FaultCode::SnapshotCorrupt, "nobody has " + ref.text());
    if (auto taken = builder.take(ref, to_bytes(file->bytes)); !taken)
      return std::unexpected(taken.error());
  }
  return builder.build();
}

// `bytes` with up to eight bits turned over, at least one of them.
inline std::string flipped(std::string bytes, std::minstd_rand& random) {
  const std::string before = bytes;
  const size_t count = size_t{1} << (random() % 4);
  while (bytes == before) {
    for (size_t i = 0; i < count; ++i) {
      const size_t bit = random() % (bytes.size() * 8);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    }
  }
  return bytes;
}

}  // namespace apim::test
