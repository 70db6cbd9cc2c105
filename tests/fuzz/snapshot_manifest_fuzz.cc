// Manifest: only what the pinned key signed is believed, and only when it is complete; what the
// gateway believes, the controller's own reader reads the same way.
//
// Input: one byte, then a payload, which is framed and signed here; with the byte's top bit set, a
// whole file as it is.

#include "snapshot/manifest.h"

#include <sodium.h>

#include <cassert>
#include <cstdint>
#include <string>

#include "compile/manifest.h"
#include "compile/segment.h"
#include "crypto/digest.h"
#include "fuzz/input.h"
#include "support/world.h"

namespace {

namespace compile = apim::compile;
namespace layout = apim::layout;
namespace snapshot = apim::snapshot;
using apim::fuzz::Input;

const compile::SigningKey& key() {
  static const compile::SigningKey made = apim::test::signing_key();
  return made;
}

std::string signed_file(std::string_view payload) {
  const layout::Header header = compile::header_for(layout::Kind::Manifest, payload);
  std::string file(reinterpret_cast<const char*>(&header), sizeof(header));
  file += payload;
  std::array<unsigned char, layout::kSignatureBytes> signature;
  crypto_sign_detached(signature.data(), nullptr,
                       reinterpret_cast<const unsigned char*>(file.data()), file.size(),
                       key().secret.data());
  return file.append(signature.begin(), signature.end());
}

auto check(const std::string& file) {
  return snapshot::check_manifest(apim::test::to_bytes(file), key().public_key, "Default");
}

// By kind, then shard; every shard of every kind once.
void check_complete(const snapshot::Manifest& manifest) {
  assert(manifest.epoch > 0);
  assert(manifest.environment == "Default");
  uint64_t bytes_total = 0;
  for (size_t i = 0; i < manifest.segments.size();) {
    const snapshot::SegmentRef& first = manifest.segments[i];
    assert(i == 0 || manifest.segments[i - 1].kind < first.kind);
    const size_t count = size_t{1} << first.shard_bits;
    assert(manifest.segments.size() - i >= count);
    for (uint32_t shard = 0; shard < count; ++shard, ++i) {
      const snapshot::SegmentRef& ref = manifest.segments[i];
      assert(ref.kind == first.kind);
      assert(ref.shard == shard);
      assert(ref.shard_bits == first.shard_bits);
      assert(ref.bytes >= sizeof(layout::Header));
      assert(ref.bytes <= snapshot::kSegmentBytesMax);
      bytes_total += ref.bytes;
    }
  }
  assert(bytes_total <= snapshot::kImageBytesMax);
  assert(manifest.segments.size() >= 5);
}

void check_controller_agrees(const std::string& file, const snapshot::Manifest& manifest) {
  const auto read = compile::read_manifest(file, key().public_key);
  assert(read.has_value());
  assert(read->epoch == manifest.epoch);
  assert(read->content.segments.size() == manifest.segments.size());
  for (size_t i = 0; i < manifest.segments.size(); ++i) {
    assert(read->content.segments[i].kind == manifest.segments[i].kind);
    assert(read->content.segments[i].shard == manifest.segments[i].shard);
    assert(read->content.segments[i].digest == manifest.segments[i].digest);
    assert(read->content.segments[i].bytes == manifest.segments[i].bytes);
  }
}

// One bit of anything, and nobody signed it.
void check_change_is_noticed(std::string file, size_t where) {
  const size_t bit = where % (file.size() * 8);
  file[bit / 8] = static_cast<char>(file[bit / 8] ^ 1 << bit % 8);
  assert(!check(file).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const bool is_whole = (input.number<uint8_t>() & 0x80) != 0;
  const std::string file = is_whole ? std::string(input.rest()) : signed_file(input.rest());
  const auto manifest = check(file);
  if (!manifest) {
    assert(!manifest.error().reason.empty());
    assert(is_whole || manifest.error().code != apim::FaultCode::SnapshotUnsigned);
    return 0;
  }
  check_complete(*manifest);
  check_controller_agrees(file, *manifest);
  check_change_is_noticed(file, apim::layout::hash_bytes(file));
  assert(manifest->digest == apim::crypto::sha256(std::string_view(file)));
  return 0;
}
