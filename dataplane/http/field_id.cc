#include "http/field_id.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "http/head.h"

namespace apim::http {
namespace {

constexpr size_t kNameBytesMax = 32;  // Longer than any well-known name.

struct KnownName {
  std::string_view lower;
  FieldId id;
};

constexpr std::array<KnownName, 34> kKnownNames{{
    {"te", FieldId::Te},
    {"date", FieldId::Date},
    {"host", FieldId::Host},
    {"proxy", FieldId::Misleading},
    {"cookie", FieldId::Cookie},
    {"expect", FieldId::Expect},
    {"origin", FieldId::Origin},
    {"server", FieldId::Server},
    {"referer", FieldId::Referer},
    {"trailer", FieldId::Trailer},
    {"upgrade", FieldId::Upgrade},
    {"forwarded", FieldId::Forwarded},
    {"x-real-ip", FieldId::XRealIp},
    {"connection", FieldId::Connection},
    {"keep-alive", FieldId::KeepAlive},
    {"retry-after", FieldId::RetryAfter},
    {"content-type", FieldId::ContentType},
    {"internal-key", FieldId::InternalKey},
    {"x-request-id", FieldId::XRequestId},
    {"authorization", FieldId::Authorization},
    {"x-rewrite-url", FieldId::Misleading},
    {"content-length", FieldId::ContentLength},
    {"http2-settings", FieldId::Http2Settings},
    {"x-original-url", FieldId::Misleading},
    {"x-forwarded-for", FieldId::XForwardedFor},
    {"proxy-connection", FieldId::ProxyConnection},
    {"x-forwarded-host", FieldId::XForwardedHost},
    {"x-forwarded-port", FieldId::XForwardedPort},
    {"transfer-encoding", FieldId::TransferEncoding},
    {"x-forwarded-proto", FieldId::XForwardedProto},
    {"proxy-authenticate", FieldId::ProxyAuthenticate},
    {"x-forwarded-prefix", FieldId::XForwardedPrefix},
    {"proxy-authorization", FieldId::ProxyAuthorization},
    {"access-control-request-method", FieldId::AccessControlRequestMethod},
}};

// For a length and the lower five bits of a first letter: the first row of such a name, or the
// table's end. The table is sorted by both.
constexpr size_t kLetters = 32;
constexpr size_t slot_of(size_t length, char first) {
  return length * kLetters + (static_cast<uint8_t>(first) & (kLetters - 1));
}
constexpr auto kFirstRows = [] {
  std::array<uint8_t, (kNameBytesMax + 1) * kLetters> rows{};
  rows.fill(static_cast<uint8_t>(kKnownNames.size()));
  for (size_t row = kKnownNames.size(); row-- > 0;) {
    const std::string_view name = kKnownNames[row].lower;
    rows[slot_of(name.size(), name[0])] = static_cast<uint8_t>(row);
  }
  return rows;
}();
static_assert(std::ranges::is_sorted(kKnownNames, {}, [](const KnownName& known) {
  return slot_of(known.lower.size(), known.lower[0]);
}));

constexpr std::string_view kForwardedPrefix = "x-forwarded-";

}  // namespace

FieldId field_id(std::string_view name) {
  if (name.empty()) return FieldId::Other;
  if (name.size() <= kNameBytesMax) {
    const size_t slot = slot_of(name.size(), name[0]);
    for (size_t row = kFirstRows[slot]; row < kKnownNames.size(); ++row) {
      const std::string_view known = kKnownNames[row].lower;
      if (slot_of(known.size(), known[0]) != slot) break;
      if (same_ignoring_case(name, known)) return kKnownNames[row].id;
    }
  }
  const bool is_forwarded =
      name.size() > kForwardedPrefix.size() && (name[0] | 0x20) == 'x' &&
      same_ignoring_case(name.substr(0, kForwardedPrefix.size()), kForwardedPrefix);
  return is_forwarded ? FieldId::XForwardedOther : FieldId::Other;
}

FieldId aliased_field_id(std::string_view name) {
  // Longer names differ only in what follows the prefix.
  const size_t length = name.size() <= kNameBytesMax ? name.size() : kNameBytesMax;
  std::array<char, kNameBytesMax> dashed{};
  for (size_t i = 0; i < length; ++i) {
    const char c = name[i];
    dashed[i] = c == '_' || c == '.' ? '-' : c;
  }
  return field_id({dashed.data(), length});
}

bool is_hop_by_hop(FieldId id) {
  switch (id) {
    case FieldId::Connection:
    case FieldId::KeepAlive:
    case FieldId::ProxyConnection:
    case FieldId::ProxyAuthenticate:
    case FieldId::ProxyAuthorization:
    case FieldId::Te:
    case FieldId::Trailer:
    case FieldId::TransferEncoding:
    case FieldId::ContentLength:
    case FieldId::Upgrade:
    case FieldId::Http2Settings: return true;
    default: return false;
  }
}

bool is_forwarding(FieldId id) {
  switch (id) {
    case FieldId::Forwarded:
    case FieldId::XForwardedFor:
    case FieldId::XForwardedHost:
    case FieldId::XForwardedPort:
    case FieldId::XForwardedProto:
    case FieldId::XForwardedPrefix:
    case FieldId::XForwardedOther:
    case FieldId::XRealIp: return true;
    default: return false;
  }
}

bool is_protected_from_connection(FieldId id) {
  switch (id) {
    case FieldId::Host:
    case FieldId::ContentLength:
    case FieldId::TransferEncoding:
    case FieldId::Authorization:
    case FieldId::Cookie:
    case FieldId::ContentType:
    case FieldId::XRequestId:
    case FieldId::InternalKey: return true;
    default: return is_forwarding(id);
  }
}

}  // namespace apim::http
