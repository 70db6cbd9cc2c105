#include "compile/loaded.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include "apis_generated.h"
#include "consumers_generated.h"
#include "keys_generated.h"
#include "limits_generated.h"
#include "routes_generated.h"

namespace apim::compile {
namespace {

bool is_well_formed(layout::Kind kind, const uint8_t* bytes, size_t size) {
  constexpr flatbuffers::uoffset_t kDepthMax = 16;
  const auto tables_max = static_cast<flatbuffers::uoffset_t>(size / 4);
  flatbuffers::Verifier verifier(bytes, size, kDepthMax, tables_max);
  switch (kind) {
    case layout::Kind::Routes: return fbs::VerifyRoutesBuffer(verifier);
    case layout::Kind::Apis: return fbs::VerifyApisBuffer(verifier);
    case layout::Kind::Limits: return fbs::VerifyLimitsBuffer(verifier);
    case layout::Kind::Consumers: return fbs::VerifyConsumersBuffer(verifier);
    case layout::Kind::Keys: return fbs::VerifyKeysBuffer(verifier);
    case layout::Kind::Manifest:
    case layout::Kind::Trust:
    case layout::Kind::Revoked: break;
  }
  return false;
}

}  // namespace

std::string name_of(const SegmentRef& ref) {
  return fmt::format("{}/{}", to_text(ref.kind), ref.shard);
}

std::expected<Loaded, std::string> Loaded::load(const SegmentRef& ref, const SegmentReader& read) {
  const auto wrong = [&](std::string_view why) {
    return std::unexpected(
        fmt::format("segment {} ({}) {}", name_of(ref), to_hex(ref.digest).substr(0, 12), why));
  };
  const std::string file = read(ref);
  if (file.empty()) return wrong("is missing");
  if (file.size() != ref.bytes) {
    return wrong(fmt::format("has {} bytes, the manifest says {}", file.size(), ref.bytes));
  }
  if (sha256(file) != ref.digest) return wrong("does not have the content its name promises");
  std::string why;
  const std::string_view payload = checked_payload(file, ref.kind, 0, why);
  if (!why.empty()) return wrong(why);
  Loaded loaded;
  loaded.words_.resize((payload.size() + 7) / 8);
  std::memcpy(loaded.words_.data(), payload.data(), payload.size());
  if (!is_well_formed(ref.kind, loaded.bytes(), payload.size())) {
    return wrong("is not a well-formed FlatBuffer");
  }
  return loaded;
}

}  // namespace apim::compile
