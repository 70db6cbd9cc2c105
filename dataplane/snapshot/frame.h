// Frame: the 64-byte header in front of every file, and the FlatBuffer behind it.

#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <span>

#include "schemas/layout.h"
#include "snapshot/refusal.h"

namespace apim::snapshot {

// The payload of `file` (64-byte aligned), after magic, version, kind, exact length, reserved bytes
// and SHA-256 were checked. `tail_bytes` follow the payload.
Checked<std::span<const uint8_t>> check_frame(std::span<const uint8_t> file, layout::Kind kind,
                                              size_t tail_bytes);

// The root table, after FlatBuffers' verifier passed with limits that follow from the size: no
// honest buffer has more tables than a table every eight bytes, nor is any of our schemas nested
// deeper than this.
template <class Root>
Checked<const Root*> check_structure(std::span<const uint8_t> payload,
                                     const char* file_identifier) {
  constexpr flatbuffers::uoffset_t kDepthMax = 16;
  if (payload.size() < 16 || payload.size() > (1ULL << 31) - 1) {
    return refuse(FaultCode::SnapshotCorrupt, "the payload's size is out of bounds");
  }
  flatbuffers::Verifier verifier(payload.data(), payload.size(), kDepthMax,
                                 static_cast<flatbuffers::uoffset_t>(payload.size() / 8 + 16));
  if (!verifier.VerifyBuffer<Root>(file_identifier)) {
    return refuse(FaultCode::SnapshotCorrupt, "the payload is not a sound FlatBuffer of its kind");
  }
  return flatbuffers::GetRoot<Root>(payload.data());
}

}  // namespace apim::snapshot
