// Head: a parsed and checked message head. Views point into the exchange's arena.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "http/method.h"
#include "http/target.h"

namespace apim::http {

// Fields the gateway itself looks at; found once while parsing.
enum class FieldId : uint8_t {
  Other,
  Host,
  Connection,
  ContentLength,
  TransferEncoding,
  Expect,
  Upgrade,
  Te,
  Trailer,
  KeepAlive,
  ProxyConnection,
  ProxyAuthenticate,
  ProxyAuthorization,
  Http2Settings,
  Authorization,
  ContentType,
  Origin,
  Referer,
  Cookie,
  Forwarded,
  XForwardedFor,
  XForwardedHost,
  XForwardedPort,
  XForwardedProto,
  XForwardedPrefix,
  XForwardedOther,
  XRealIp,
  XRequestId,
  InternalKey,
  AccessControlRequestMethod,
  Date,
  Server,
  RetryAfter,
  Misleading,  // Fields backends are known to believe although nobody proved them: never forwarded.
};

struct Field {
  std::string_view name;  // As sent, valid token bytes only.
  std::string_view
      value;  // Without surrounding whitespace; no CR, LF, NUL or control byte but HTAB.
  FieldId id = FieldId::Other;
  bool dropped =
      false;  // Set by a step: not forwarded (credential, hop-by-hop, named by Connection).
  bool named_by_connection = false;
};

// RFC 9112 6.3, decided once. UntilClose is for responses only.
enum class Framing : uint8_t { None, Length, Chunked, UntilClose };

struct RequestHead {
  Method method = Method::Get;
  Target target;
  std::string_view host;       // Lower case, without port and brackets.
  uint16_t host_port = 0;      // 0: none given.
  std::string_view authority;  // The Host value as sent.
  std::span<Field> fields;     // In order of arrival, Host included.
  Framing framing = Framing::None;
  uint64_t content_length = 0;  // Framing::Length only.
  uint8_t minor_version = 1;    // HTTP/1.x
  bool keeps_alive = true;      // What the client asked for.
  bool expects_continue = false;

  // The first field with that id, or null.
  const Field* find(FieldId id) const {
    for (const Field& field : fields) {
      if (field.id == id) return &field;
    }
    return nullptr;
  }
  // The first field of that name (`lower_name` in lower case; compared without case), or null.
  Field* find_or_null(std::string_view lower_name) const;
};

// A backend's answer. Views point into the arena it was parsed with.
struct ResponseHead {
  uint16_t status = 0;  // 100..599
  uint8_t minor_version = 1;
  bool keeps_alive = true;  // What the backend said.
  Framing framing = Framing::None;
  uint64_t content_length = 0;  // What Content-Length says, also where no body follows (HEAD, 304).
  bool has_content_length = false;
  std::span<Field> fields;  // In order of arrival; hop-by-hop ones are marked as dropped.
};

// Of texts of the same size.
bool same_ignoring_case(std::string_view text, std::string_view lower);
// ASCII only; `lower` must be lower case already.
inline bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && same_ignoring_case(text, lower);
}

}  // namespace apim::http
