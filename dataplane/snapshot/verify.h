// Verify: whether a segment means something, after its hash and its structure were found good.
//
// FlatBuffers' verifier knows nothing of sort orders, indexes into other
// tables, enum ranges or duplicates; a lookup in a wrong table would miss a
// deny condition or read outside. Everything that lies within one segment is
// checked here; what several segments must agree on, in the image builder.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "apis_generated.h"
#include "snapshot/refusal.h"
#include "snapshot/segment.h"

namespace apim::snapshot {

// Headers one plan may edit: an exchange's room less what the gateway itself adds (CORS).
constexpr size_t kPlanHeaderEditsMax = 27;

// Header, hash of the payload, FlatBuffers, meaning. `file` is 64-byte aligned.
Checked<void> verify_segment(const SegmentRef& ref, std::span<const uint8_t> file);

// One API: matcher, plans, endpoints, texts that end up in heads. verify_apis.cc.
Checked<void> verify_api(const fbs::Api& api);

// A limit of any level: its unit and its kind are known, and its window has a length that can be
// computed with.
Checked<void> verify_limit(const fbs::Limit& limit);

}  // namespace apim::snapshot
