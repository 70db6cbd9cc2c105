// Segment: one verified file of a snapshot. Immutable; shared by every image that names its digest.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "schemas/layout.h"
#include "snapshot/bytes.h"
#include "snapshot/refusal.h"

namespace apim::snapshot {

constexpr uint64_t kSegmentBytesMax = 256ULL << 20;

// What a manifest says about a segment.
struct SegmentRef {
  layout::Kind kind = layout::Kind::Routes;
  uint32_t shard = 0;
  uint8_t shard_bits = 0;
  uint64_t bytes = 0;
  layout::Digest digest{};

  // "keys shard 3 of 4 (segment 0123456789abcdef)"
  std::string text() const;
};

std::string_view to_text(layout::Kind kind);

class Segment {
 public:
  // Takes the file's bytes. Checks size, hash, header, structure (FlatBuffers) and the meaning
  // inside the segment; what several segments must agree on is the image builder's part.
  static Checked<std::shared_ptr<const Segment>> check(const SegmentRef& ref, Bytes file);

  const SegmentRef& ref() const { return ref_; }
  std::span<const uint8_t> file() const { return file_.view(); }
  const uint8_t* payload() const { return file_.data() + sizeof(layout::Header); }

 private:
  Segment(const SegmentRef& ref, Bytes file) : ref_(ref), file_(std::move(file)) {}

  SegmentRef ref_;
  Bytes file_;
};

}  // namespace apim::snapshot
