#include "http/field_id.h"

#include <array>

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
    {"host", FieldId::Host},
    {"date", FieldId::Date},
    {"proxy", FieldId::Misleading},
    {"cookie", FieldId::Cookie},
    {"origin", FieldId::Origin},
    {"expect", FieldId::Expect},
    {"server", FieldId::Server},
    {"referer", FieldId::Referer},
    {"upgrade", FieldId::Upgrade},
    {"trailer", FieldId::Trailer},
    {"forwarded", FieldId::Forwarded},
    {"x-real-ip", FieldId::XRealIp},
    {"keep-alive", FieldId::KeepAlive},
    {"connection", FieldId::Connection},
    {"retry-after", FieldId::RetryAfter},
    {"x-request-id", FieldId::XRequestId},
    {"content-type", FieldId::ContentType},
    {"internal-key", FieldId::InternalKey},
    {"authorization", FieldId::Authorization},
    {"x-rewrite-url", FieldId::Misleading},
    {"content-length", FieldId::ContentLength},
    {"http2-settings", FieldId::Http2Settings},
    {"x-original-url", FieldId::Misleading},
    {"x-forwarded-for", FieldId::XForwardedFor},
    {"x-forwarded-host", FieldId::XForwardedHost},
    {"x-forwarded-port", FieldId::XForwardedPort},
    {"proxy-connection", FieldId::ProxyConnection},
    {"x-forwarded-proto", FieldId::XForwardedProto},
    {"transfer-encoding", FieldId::TransferEncoding},
    {"x-forwarded-prefix", FieldId::XForwardedPrefix},
    {"proxy-authenticate", FieldId::ProxyAuthenticate},
    {"proxy-authorization", FieldId::ProxyAuthorization},
    {"access-control-request-method", FieldId::AccessControlRequestMethod},
}};

// First row of each length; the table is sorted by length.
constexpr std::array<uint8_t, kNameBytesMax + 1> make_first_by_length() {
  std::array<uint8_t, kNameBytesMax + 1> first{};
  for (size_t length = 0; length <= kNameBytesMax; ++length) {
    uint8_t row = 0;
    while (row < kKnownNames.size() && kKnownNames[row].lower.size() < length) ++row;
    first[length] = row;
  }
  return first;
}
constexpr auto kFirstByLength = make_first_by_length();
constexpr bool is_sorted_by_length() {
  for (size_t i = 1; i < kKnownNames.size(); ++i) {
    if (kKnownNames[i - 1].lower.size() > kKnownNames[i].lower.size()) return false;
  }
  return true;
}
static_assert(is_sorted_by_length());

constexpr std::string_view kForwardedPrefix = "x-forwarded-";

}  // namespace

FieldId field_id(std::string_view name) {
  const size_t length = name.size() <= kNameBytesMax ? name.size() : 0;
  const char first = static_cast<char>(name.empty() ? 0 : name[0] | 0x20);
  for (size_t row = kFirstByLength[length]; row < kKnownNames.size(); ++row) {
    const KnownName& known = kKnownNames[row];
    if (known.lower.size() != name.size()) break;
    if (known.lower[0] == first && equals_ignoring_case(name, known.lower)) return known.id;
  }
  const bool is_forwarded =
      name.size() > kForwardedPrefix.size() &&
      equals_ignoring_case(name.substr(0, kForwardedPrefix.size()), kForwardedPrefix);
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
