#include "compile/segment.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cassert>
#include <cstring>

#include "model/ascii.h"

namespace apim::compile {
namespace {}  // namespace

layout::Digest sha256(std::string_view bytes) {
  layout::Digest digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  return digest;
}

std::string to_hex(const layout::Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out(digest.size() * 2, '0');
  for (size_t i = 0; i < digest.size(); ++i) {
    out[2 * i] = kDigits[digest[i] >> 4];
    out[2 * i + 1] = kDigits[digest[i] & 15];
  }
  return out;
}

bool from_hex(std::string_view text, layout::Digest& digest) {
  if (text.size() != digest.size() * 2) return false;
  for (size_t i = 0; i < digest.size(); ++i) {
    const int high = model::hex_value(text[2 * i]);
    const int low = model::hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return true;
}

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

layout::Header header_for(layout::Kind kind, std::string_view payload) {
  layout::Header header{};
  header.magic = layout::kMagic;
  header.schema_major = layout::kSchemaMajor;
  header.schema_minor = layout::kSchemaMinor;
  header.kind = kind;
  header.payload_bytes = payload.size();
  header.payload_sha256 = sha256(payload);
  return header;
}

SegmentFile make_segment(layout::Kind kind, uint32_t shard, std::string_view payload) {
  assert(!payload.empty());
  assert(kind != layout::Kind::Manifest);
  const layout::Header header = header_for(kind, payload);
  SegmentFile file;
  file.bytes.reserve(sizeof header + payload.size());
  file.bytes.append(reinterpret_cast<const char*>(&header), sizeof header);
  file.bytes.append(payload);
  file.ref = {
      .kind = kind, .shard = shard, .digest = sha256(file.bytes), .bytes = file.bytes.size()};
  return file;
}

std::string_view checked_payload(std::string_view file, layout::Kind kind, size_t tail_bytes,
                                 std::string& why) {
  layout::Header header;
  if (file.size() < sizeof header + tail_bytes) {
    why = fmt::format("is cut short: {} bytes", file.size());
    return {};
  }
  std::memcpy(&header, file.data(), sizeof header);
  const std::string_view payload =
      file.substr(sizeof header, file.size() - sizeof header - tail_bytes);
  if (header.magic != layout::kMagic) {
    why = "is not a file of a snapshot: its first bytes are not 'APIM'";
  } else if (header.schema_major != layout::kSchemaMajor) {
    why = fmt::format("has schema major {}; this program reads {}", header.schema_major,
                      layout::kSchemaMajor);
  } else if (header.kind != kind) {
    why = fmt::format("is of kind '{}', expected '{}'", to_text(header.kind), to_text(kind));
  } else if (header.payload_bytes != payload.size()) {
    why = fmt::format("should hold {} bytes of payload and holds {}", header.payload_bytes,
                      payload.size());
  } else if (header.payload_sha256 != sha256(payload)) {
    why = "does not have the content its SHA-256 promises";
  } else {
    return payload;
  }
  return {};
}

}  // namespace apim::compile
