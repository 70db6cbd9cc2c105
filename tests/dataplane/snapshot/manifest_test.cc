// What check_manifest() promises: only whole, signed, meaningful manifests of this environment;
// every refusal has a reason.

#include "snapshot/manifest.h"

#include <sodium.h>

#include "manifest_generated.h"
#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::signing_key;
using test::to_bytes;

std::string good() {
  static const std::string kManifest = test::publish(test::full_world().catalog, 7).manifest;
  return kManifest;
}

Checked<Manifest> checked_manifest(std::string_view file,
                                   std::string_view environment = "Default") {
  auto checked = check_manifest(to_bytes(file), signing_key().public_key, environment);
  EXPECT_TRUE(checked || !checked.error().reason.empty());
  return checked;
}

FaultCode refusal_of(std::string_view file) {
  const auto checked = checked_manifest(file);
  return checked ? FaultCode::kCount : checked.error().code;
}

// A manifest whose content was changed and which was then signed properly. (The compiler refuses to
// write such a thing.)
template <class Change>
std::string signed_after(Change change) {
  compile::Manifest manifest = *compile::read_manifest(good(), signing_key().public_key);
  change(manifest);
  std::vector<fbs::SegmentRef> segments;
  for (const compile::SegmentRef& ref : manifest.content.segments) {
    segments.emplace_back(flatbuffers::span<const uint8_t, 32>(ref.digest.data(), 32), ref.bytes,
                          ref.shard, static_cast<uint8_t>(ref.kind));
  }
  std::vector<fbs::ShardBits> shard_bits;
  for (const auto& row : manifest.content.shard_bits)
    shard_bits.emplace_back(static_cast<uint8_t>(row.kind), row.bits);
  flatbuffers::FlatBufferBuilder builder;
  fbs::FinishManifestBuffer(
      builder, fbs::CreateManifestDirect(builder, manifest.environment.c_str(), manifest.epoch, 1,
                                         &segments, &shard_bits, manifest.key_id.c_str(), 0));
  const std::string payload(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                            builder.GetSize());
  const layout::Header header = compile::header_for(layout::Kind::Manifest, payload);
  std::string file(reinterpret_cast<const char*>(&header), sizeof(header));
  file += payload;
  std::array<uint8_t, layout::kSignatureBytes> signature;
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const uint8_t*>(file.data()),
                       file.size(), signing_key().secret.data());
  return file.append(signature.begin(), signature.end());
}

TEST(Manifest, AGoodOneIsRead) {
  const auto manifest = checked_manifest(good());
  ASSERT_TRUE(manifest) << manifest.error().reason;
  EXPECT_EQ(manifest->epoch, 7U);
  EXPECT_EQ(manifest->environment, "Default");
  EXPECT_EQ(manifest->segments.size(), 5U);
}

TEST(Manifest, EveryTruncationIsRefused) {
  const std::string file = good();
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(refusal_of(file.substr(0, size)), FaultCode::kCount) << size;
}

TEST(Manifest, EveryFlippedBitIsRefused) {
  std::string file = good();
  for (size_t bit = 0; bit < file.size() * 8; bit += 3) {
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ 1 << bit % 8);
    EXPECT_NE(refusal_of(file), FaultCode::kCount) << bit;
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ 1 << bit % 8);
  }
}

TEST(Manifest, TrailingBytesAreRefused) {
  EXPECT_EQ(refusal_of(good() + '\0'), FaultCode::SnapshotCorrupt);
  EXPECT_EQ(refusal_of(good() + std::string(64, '\0')), FaultCode::SnapshotCorrupt);
}

TEST(Manifest, AnotherKeysSignatureIsRefused) {
  std::array<uint8_t, 32> seed{};
  seed.fill(9);
  const compile::Manifest manifest = *compile::read_manifest(good(), signing_key().public_key);
  EXPECT_EQ(refusal_of(compile::write_manifest(manifest, compile::signing_key_from_seed(seed))),
            FaultCode::SnapshotUnsigned);
}

TEST(Manifest, AnotherMajorIsRefusedWithAdvice) {
  std::string file = good();
  ++file[4];
  const auto checked = checked_manifest(file);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, FaultCode::SnapshotUnknownVersion);
  EXPECT_NE(checked.error().reason.find("update"), std::string::npos);
}

TEST(Manifest, AnotherEnvironmentIsRefused) {
  const auto checked = checked_manifest(good(), "Other");
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().reason.find("Other"), std::string::npos);
}

TEST(Manifest, WhatWasSignedMustStillMakeSense) {
  const auto refused = [](auto change) { return refusal_of(signed_after(change)); };
  using M = compile::Manifest;
  EXPECT_EQ(refused([](M&) {}), FaultCode::kCount);
  EXPECT_EQ(refused([](M& m) { m.key_id = "0123456789abcdef"; }), FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.epoch = 0; }), FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.content.segments.pop_back(); }), FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { std::swap(m.content.segments[0], m.content.segments[1]); }),
            FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.content.segments.push_back(m.content.segments.back()); }),
            FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.content.segments[2].shard = 1; }), FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.content.segments[2].bytes = 0; }), FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.content.segments[2].bytes = kSegmentBytesMax + 1; }),
            FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.content.shard_bits.pop_back(); }), FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.content.shard_bits[1].bits = 1; }),
            FaultCode::SnapshotMeaningless);
  EXPECT_EQ(refused([](M& m) { m.content.shard_bits[1].bits = 60; }),
            FaultCode::SnapshotMeaningless);
}

TEST(Manifest, AKindThatIsUnknownHereIsRefusedAndNotIgnored) {
  const std::string file = signed_after([](compile::Manifest& m) {
    m.content.shard_bits.push_back({.kind = layout::Kind::Revoked, .bits = 0});
    compile::SegmentRef revoked = m.content.segments.back();
    revoked.kind = layout::Kind::Revoked;
    m.content.segments.push_back(revoked);
  });
  EXPECT_EQ(refusal_of(file), FaultCode::SnapshotUnknownVersion);
}

}  // namespace
}  // namespace apim::snapshot
