#include "snapshot/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "crypto/digest.h"

namespace apim::snapshot {
namespace {

bool all_zero(std::span<const uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

}  // namespace

Checked<std::span<const uint8_t>> check_frame(std::span<const uint8_t> file, layout::Kind kind,
                                              size_t tail_bytes) {
  assert(reinterpret_cast<uintptr_t>(file.data()) % layout::kPayloadAlignment == 0);
  if (file.size() < sizeof(layout::Header) + tail_bytes) {
    return refuse(FaultCode::SnapshotCorrupt,
                  fmt::format("the file has only {} bytes", file.size()));
  }
  layout::Header header;
  std::memcpy(&header, file.data(), sizeof(header));
  if (header.magic != layout::kMagic) {
    return refuse(FaultCode::SnapshotCorrupt, "the file does not start with APIM");
  }
  if (header.schema_major != layout::kSchemaMajor) {
    return refuse(FaultCode::SnapshotUnknownVersion,
                  fmt::format("schema major {} is not {}: update the gateway or the controller",
                              header.schema_major, layout::kSchemaMajor));
  }
  if (header.kind != kind) {
    return refuse(FaultCode::SnapshotCorrupt,
                  fmt::format("the file is of kind {} where {} was named",
                              static_cast<uint32_t>(header.kind), static_cast<uint32_t>(kind)));
  }
  if (!all_zero(header.reserved) || !all_zero(header.reserved_tail)) {
    return refuse(FaultCode::SnapshotCorrupt, "reserved bytes of the header are not zero");
  }
  const size_t payload_bytes = file.size() - sizeof(header) - tail_bytes;
  if (header.payload_bytes != payload_bytes) {
    return refuse(FaultCode::SnapshotCorrupt,
                  fmt::format("the header promises {} payload bytes, there are {}",
                              header.payload_bytes, payload_bytes));
  }
  const auto payload = file.subspan(sizeof(header), payload_bytes);
  if (crypto::sha256(payload) != header.payload_sha256) {
    return refuse(FaultCode::SnapshotCorrupt,
                  "the payload does not have the hash its header promises");
  }
  return payload;
}

}  // namespace apim::snapshot
