// Segment: one immutable file of a snapshot, and the list of those a manifest names.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/layout.h"

namespace apim::compile {

// A segment without its bytes. `digest` is the SHA-256 of the whole file and its name.
struct SegmentRef {
  layout::Kind kind = layout::Kind::Routes;
  uint32_t shard = 0;
  layout::Digest digest{};
  uint64_t bytes = 0;
  friend bool operator==(const SegmentRef&, const SegmentRef&) = default;
};

struct SegmentFile {
  SegmentRef ref;
  std::string bytes;  // Header and payload.
};

// How many shards a kind has: 2^bits.
struct ShardBits {
  layout::Kind kind = layout::Kind::Routes;
  uint8_t bits = 0;
  friend bool operator==(const ShardBits&, const ShardBits&) = default;
};

// What a manifest names: every shard of every kind once, sorted by kind, then shard.
struct Content {
  std::vector<SegmentRef> segments;
  std::vector<ShardBits> shard_bits;  // Sorted by kind.
  friend bool operator==(const Content&, const Content&) = default;
};

layout::Digest sha256(std::string_view bytes);

// Lower-case hexadecimal.
std::string to_hex(const layout::Digest& digest);
// Nothing but 64 hexadecimal digits is accepted; false otherwise.
bool from_hex(std::string_view text, layout::Digest& digest);

// "routes", "apis", ...
std::string_view to_text(layout::Kind kind);

// The 64-byte header in front of a payload.
layout::Header header_for(layout::Kind kind, std::string_view payload);

// Header and payload of one segment as a file.
SegmentFile make_segment(layout::Kind kind, uint32_t shard, std::string_view payload);

// The payload of a file after its header was checked: magic, kind, major version, length, hash.
// `why` is set and the result empty when something is wrong. `tail_bytes` follow the payload (a
// manifest's signature).
std::string_view checked_payload(std::string_view file, layout::Kind kind, size_t tail_bytes,
                                 std::string& why);

}  // namespace apim::compile
