#include "snapshot/segment.h"

#include <fmt/format.h>

#include "crypto/digest.h"
#include "crypto/hex.h"
#include "snapshot/verify.h"

namespace apim::snapshot {

std::string_view to_text(layout::Kind kind) {
  switch (kind) {
    case layout::Kind::Manifest: return "manifest";
    case layout::Kind::Routes: return "routes";
    case layout::Kind::Apis: return "apis";
    case layout::Kind::Limits: return "limits";
    case layout::Kind::Consumers: return "consumers";
    case layout::Kind::Keys: return "keys";
    case layout::Kind::Trust: return "trust";
    case layout::Kind::Revoked: return "revoked";
  }
  return "unknown";
}

std::string SegmentRef::text() const {
  return fmt::format("{} shard {} of {} (segment {})", to_text(kind), shard, 1U << shard_bits,
                     crypto::to_hex(std::span(digest).first(8)));
}

Checked<std::shared_ptr<const Segment>> Segment::check(const SegmentRef& ref, Bytes file) {
  const auto in_this = [&](const Refusal& refusal) {
    return refuse(refusal.code, fmt::format("{}: {}", ref.text(), refusal.reason));
  };
  if (file.size() != ref.bytes) {
    return refuse(FaultCode::SnapshotCorrupt,
                  fmt::format("{}: it has {} bytes, the manifest says {}", ref.text(), file.size(),
                              ref.bytes));
  }
  if (crypto::sha256(file.view()) != ref.digest) {
    return refuse(FaultCode::SnapshotCorrupt,
                  fmt::format("{}: its content does not have that hash", ref.text()));
  }
  const auto meaning = verify_segment(ref, file.view());
  if (!meaning) return in_this(meaning.error());
  return std::shared_ptr<const Segment>(new Segment(ref, std::move(file)));
}

}  // namespace apim::snapshot
