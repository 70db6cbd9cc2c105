#include "http/h1_parser.h"

#include <llhttp.h>

#include <strings.h>
#include <array>

#include <algorithm>
#include <cassert>

#include "base/address.h"
#include "http/guard.h"
#include "http/token_list.h"

namespace apim::http {

// Loose llhttp takes other bytes for line ends; every unit that sees it must agree.
static_assert(LLHTTP_STRICT_MODE == 1);

namespace {

std::unexpected<Fault> refuse(FaultCode code, const char* what) {
  return std::unexpected(fault(code, what));
}
std::unexpected<Fault> bad(const char* what) { return refuse(FaultCode::BadRequest, what); }

// What llhttp tells of one head. The text is whole, so each span comes in one piece.
struct Spans {
  Field* fields = nullptr;
  uint32_t count = 0;
  uint32_t count_max = 0;
  bool is_complete = false;
};

int on_name(llhttp_t* parser, const char* at, size_t length) {
  auto* spans = static_cast<Spans*>(parser->data);
  if (spans->count == spans->count_max) return -1;
  spans->fields[spans->count] = Field{.name = {at, length}, .value = {}};
  return 0;
}

int on_value(llhttp_t* parser, const char* at, size_t length) {
  auto* spans = static_cast<Spans*>(parser->data);
  if (spans->count == spans->count_max) return -1;
  spans->fields[spans->count].value = trimmed({at, length});
  return 0;
}

int on_value_complete(llhttp_t* parser) {
  auto* spans = static_cast<Spans*>(parser->data);
  if (spans->count == spans->count_max) return -1;
  Field& field = spans->fields[spans->count++];
  field.id = field_id(field.name);
  return 0;
}

// 1: no body follows for llhttp, whatever the head says; bodies are ours.
int on_head_complete(llhttp_t* parser) {
  static_cast<Spans*>(parser->data)->is_complete = true;
  return 1;
}

const llhttp_settings_t& parser_settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t made;
    llhttp_settings_init(&made);
    made.on_header_field = on_name;
    made.on_header_value = on_value;
    made.on_header_value_complete = on_value_complete;
    made.on_headers_complete = on_head_complete;
    return made;
  }();
  return settings;
}

enum class Split : uint8_t { Ok, Unsure, Broken, ArenaFull };

// Unsure: every field was read, and llhttp then disliked the framing. The caller's own rules must
// find out why.
Split split_fields(std::string_view text, uint32_t field_count, llhttp_type_t type, Arena& arena,
                   std::span<Field>* fields) {
  Spans spans;
  spans.count_max = field_count;
  spans.fields = arena.make_array<Field>(field_count);
  if (spans.fields == nullptr && field_count > 0) return Split::ArenaFull;
  llhttp_t parser;
  llhttp_init(&parser, type, &parser_settings());
  parser.data = &spans;
  const llhttp_errno_t error = llhttp_execute(&parser, text.data(), text.size());
  *fields = {spans.fields, spans.count};
  if (!spans.is_complete || spans.count != field_count) return Split::Broken;
  const bool is_fine = error == HPE_OK || error == HPE_PAUSED_UPGRADE;
  return is_fine ? Split::Ok : Split::Unsure;
}

// Digits only, no sign, no list; nullopt on overflow.
bool parse_length(std::string_view text, uint64_t* length) {
  if (text.empty()) return false;
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    if (__builtin_mul_overflow(value, uint64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, static_cast<uint64_t>(c - '0'), &value)) return false;
  }
  *length = value;
  return true;
}

bool is_known_coding(std::string_view member) {
  for (const std::string_view coding : {"gzip", "x-gzip", "deflate", "compress", "x-compress"}) {
    if (equals_ignoring_case(member, coding)) return true;
  }
  return false;
}

// The one coding we implement is "chunked", alone. Others that exist are 501, everything else is
// 400.
Result<void> check_codings(std::string_view value) {
  if (equals_ignoring_case(value, "chunked")) return {};
  std::string_view member;
  bool is_last_chunked = false;
  while (next_member(value, &member)) {
    if (is_last_chunked) return bad("a coding after chunked");
    is_last_chunked = equals_ignoring_case(member, "chunked");
    if (!is_last_chunked && !is_known_coding(member)) return bad("unknown transfer coding");
  }
  return refuse(FaultCode::CodingUnknown, "transfer coding other than chunked");
}

struct FramingFields {
  const Field* length = nullptr;
  const Field* coding = nullptr;
  bool is_repeated = false;
};

FramingFields framing_fields(std::span<Field> fields) {
  FramingFields found;
  for (const Field& field : fields) {
    if (field.id == FieldId::ContentLength) {
      found.is_repeated |= found.length != nullptr;
      found.length = &field;
    } else if (field.id == FieldId::TransferEncoding) {
      found.is_repeated |= found.coding != nullptr;
      found.coding = &field;
    }
  }
  return found;
}

struct ConnectionOptions {
  bool closes = false;
  bool keeps_alive = false;
  bool names_protected = false;
};

// Reads every Connection field and drops the fields they name.
ConnectionOptions read_connection(std::span<Field> fields) {
  ConnectionOptions options;
  for (const Field& field : fields) {
    if (field.id != FieldId::Connection) continue;
    std::string_view list = field.value;
    std::string_view member;
    while (next_member(list, &member)) {
      if (member.empty()) continue;
      if (equals_ignoring_case(member, "close")) {
        options.closes = true;
      } else if (equals_ignoring_case(member, "keep-alive")) {
        options.keeps_alive = true;
      } else {
        const FieldId named = field_id(member);
        options.names_protected |= is_protected_from_connection(named);
        for (Field& other : fields) {
          if (other.name.size() != member.size() || is_protected_from_connection(other.id))
            continue;
          if (named != FieldId::Other
                  ? other.id == named
                  : strncasecmp(other.name.data(), member.data(), member.size()) == 0) {
            other.dropped = true;
            other.named_by_connection = true;
          }
        }
      }
    }
  }
  return options;
}

struct StartLine {
  std::string_view method;
  std::string_view target;
  uint8_t minor_version = 1;
};

Result<StartLine> split_request_line(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\r'));
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad("request line has not three parts");
  StartLine parts{line.substr(0, first), line.substr(first + 1, last - first - 1)};
  const std::string_view version = line.substr(last + 1);
  if (parts.target.empty() || parts.target.find(' ') != std::string_view::npos) {
    return bad("request line has not three parts");
  }
  const bool is_version = version.size() == 8 && version.starts_with("HTTP/") &&
                          version[6] == '.' && version[5] >= '0' && version[5] <= '9' &&
                          version[7] >= '0' && version[7] <= '9';
  if (!is_version) return bad("not an HTTP version");
  if (version[5] != '1' || version[7] > '1')
    return refuse(FaultCode::VersionUnknown, "not HTTP/1.0 or 1.1");
  parts.minor_version = static_cast<uint8_t>(version[7] - '0');
  return parts;
}

bool is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

// uri-host [ ":" port ] (RFC 9110 7.2). Names are letters, digits, '-', '.', '_'; no userinfo, no
// escapes.
Result<void> parse_authority(std::string_view text, Arena& arena, RequestHead* head) {
  size_t end = 0;
  std::string_view host;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos || end < 3) return bad("Host: broken IPv6 literal");
    host = text.substr(1, end - 1);
    if (host.find(':') == std::string_view::npos || !parse_address(host))
      return bad("Host: broken IPv6 literal");
    ++end;
  } else {
    while (end < text.size() && is_host_byte(text[end])) ++end;
    host = text.substr(0, end);
  }
  if (host.empty() || host.size() > 255) return bad("Host is empty or too long");
  if (end < text.size()) {
    uint64_t port = 0;
    if (text[end] != ':' || text.size() - end > 6) return bad("Host has forbidden bytes");
    if (!parse_length(text.substr(end + 1), &port) || port == 0 || port > 65535)
      return bad("Host: bad port");
    head->host_port = static_cast<uint16_t>(port);
  }
  char* lower = static_cast<char*>(arena.allocate(host.size(), 1));
  if (lower == nullptr) return refuse(FaultCode::Overloaded, "arena full: host");
  for (size_t i = 0; i < host.size(); ++i) {
    const char c = host[i];
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  head->host = {lower, host.size()};
  if (head->host.back() == '.' && head->host.size() > 1) head->host.remove_suffix(1);
  head->authority = text;
  return {};
}

bool same_authority(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

Result<void> parse_target(std::string_view target, Arena& arena, RequestHead* head) {
  if (target == "*") {
    if (head->method != Method::Options) return bad("'*' is for OPTIONS only");
    head->target.path = target;
    return {};
  }
  if (target[0] != '/') {
    size_t scheme = 0;
    if (target.size() > 7 && equals_ignoring_case(target.substr(0, 7), "http://")) scheme = 7;
    if (target.size() > 8 && equals_ignoring_case(target.substr(0, 8), "https://")) scheme = 8;
    if (scheme == 0) return bad("target is neither a path nor an http URL");
    std::string_view rest = target.substr(scheme);
    const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    if (!same_authority(rest.substr(0, end), head->authority))
      return bad("target and Host disagree");
    rest.remove_prefix(end);
    if (rest.empty()) rest = "/";
    if (rest[0] != '/') return bad("target without a path");
    target = rest;
  }
  TRY(head->target, canonical_target(target, arena));
  return {};
}

// A plain loop: names are short, and find_first_of() calls the C library for each of their bytes.
bool may_be_alias(std::string_view name) {
  for (const char c : name) {
    if (c == '_' || c == '.') return true;
  }
  return false;
}

// Some readers take Content_Length for a length.
bool aliases_framing(const Field& field) {
  if (!may_be_alias(field.name)) return false;
  const FieldId alias = aliased_field_id(field.name);
  return alias == FieldId::ContentLength || alias == FieldId::TransferEncoding;
}

// Names such as X_Forwarded_For reach some backends as the field they alias. Those with '_' are
// never forwarded: which field they are is the backend's guess. (An API's own credential field may
// have one: it is looked for by its name.)
Result<void> judge_alias(Field& field) {
  if (field.id != FieldId::Other) return {};
  if (!may_be_alias(field.name)) return {};
  const FieldId alias = aliased_field_id(field.name);
  if (aliases_framing(field) || alias == FieldId::Host) {
    return bad("a field name that aliases a framing field");
  }
  field.dropped = alias != FieldId::Other || field.name.find('_') != std::string_view::npos;
  return {};
}

Result<void> judge_expect(const Field& field, RequestHead* head) {
  std::string_view list = field.value;
  std::string_view member;
  while (next_member(list, &member)) {
    if (member.empty()) continue;
    if (!equals_ignoring_case(member, "100-continue")) {
      return refuse(FaultCode::ExpectUnknown, "Expect other than 100-continue");
    }
    head->expects_continue = true;
  }
  return {};
}

Result<void> judge_fields(Arena& arena, RequestHead* head) {
  const Field* host = nullptr;
  const Field* authorization = nullptr;
  const Field* content_type = nullptr;
  for (Field& field : head->fields) {
    if (auto judged = judge_alias(field); !judged) return judged;
    const Field** single = field.id == FieldId::Host            ? &host
                           : field.id == FieldId::Authorization ? &authorization
                           : field.id == FieldId::ContentType   ? &content_type
                                                                : nullptr;
    if (single != nullptr) {
      if (*single != nullptr) return bad("a field that must be single is repeated");
      *single = &field;
    }
    if (field.id == FieldId::Expect && head->minor_version == 1) {
      if (auto judged = judge_expect(field, head); !judged) return judged;
    }
    if (is_hop_by_hop(field.id) || field.id == FieldId::Expect || field.id == FieldId::Misleading)
      field.dropped = true;
  }
  if (host == nullptr) {
    if (head->minor_version == 1) return bad("no Host");
    return {};
  }
  return parse_authority(host->value, arena, head);
}

Result<void> decide_request_framing(RequestHead* head) {
  const FramingFields found = framing_fields(head->fields);
  if (found.is_repeated) return bad("repeated framing field");
  if (found.length != nullptr && found.coding != nullptr)
    return bad("Content-Length with Transfer-Encoding");
  if (found.coding != nullptr) {
    if (auto codings = check_codings(found.coding->value); !codings) return codings;
    if (head->minor_version == 0) return bad("Transfer-Encoding in HTTP/1.0");
    head->framing = Framing::Chunked;
  } else if (found.length != nullptr) {
    if (!parse_length(found.length->value, &head->content_length))
      return bad("broken Content-Length");
    head->framing = Framing::Length;
  }
  return {};
}

std::unexpected<Fault> broken(const char* what) { return refuse(FaultCode::BackendProtocol, what); }

Result<void> parse_status_line(std::string_view text, ResponseHead* head) {
  const std::string_view line = text.substr(0, text.find('\r'));
  const bool is_line = line.size() >= 12 && line.starts_with("HTTP/1.") &&
                       (line[7] == '0' || line[7] == '1') && line[8] == ' ' &&
                       (line.size() == 12 || line[12] == ' ');
  if (!is_line) return broken("not a status line");
  uint64_t status = 0;
  if (!parse_length(line.substr(9, 3), &status) || status < 100 || status > 599)
    return broken("status out of range");
  head->minor_version = static_cast<uint8_t>(line[7] - '0');
  head->status = static_cast<uint16_t>(status);
  return {};
}

Result<void> decide_response_framing(Method request_method, ResponseHead* head) {
  const FramingFields found = framing_fields(head->fields);
  if (found.is_repeated) return broken("repeated framing field");
  if (found.length != nullptr && found.coding != nullptr)
    return broken("Content-Length with Transfer-Encoding");
  if (found.length != nullptr) {
    if (!parse_length(found.length->value, &head->content_length))
      return broken("broken Content-Length");
    head->has_content_length = true;
  }
  if (found.coding != nullptr) {
    if (!equals_ignoring_case(found.coding->value, "chunked"))
      return broken("transfer coding other than chunked");
    if (head->minor_version == 0) return broken("Transfer-Encoding in HTTP/1.0");
  }
  const bool is_bodyless = request_method == Method::Head || head->status < 200 ||
                           head->status == 204 || head->status == 304;
  if (is_bodyless) {
    head->framing = Framing::None;
  } else if (found.coding != nullptr) {
    head->framing = Framing::Chunked;
  } else {
    head->framing = head->has_content_length ? Framing::Length : Framing::UntilClose;
  }
  return {};
}

}  // namespace

#define APIM_TEXT_OF(x) #x
#define APIM_VERSION_TEXT(a, b, c) APIM_TEXT_OF(a) "." APIM_TEXT_OF(b) "." APIM_TEXT_OF(c)
std::string_view llhttp_version_text() {
  return APIM_VERSION_TEXT(LLHTTP_VERSION_MAJOR, LLHTTP_VERSION_MINOR, LLHTTP_VERSION_PATCH);
}

Result<void> parse_request(std::string_view text, uint32_t field_count, Arena& arena,
                           RequestHead* head) {
  TRY(const StartLine line, split_request_line(text));
  head->minor_version = line.minor_version;
  const auto method = parse_method(line.method);
  if (!method) {
    return is_token(line.method) ? refuse(FaultCode::MethodUnknown, "method unknown")
                                 : bad("broken method");
  }
  head->method = *method;
  const Split split = split_fields(text, field_count, HTTP_REQUEST, arena, &head->fields);
  if (split == Split::ArenaFull) return refuse(FaultCode::HeadTooLarge, "arena full: fields");
  if (split == Split::Broken) return bad("llhttp refused the head");
  if (auto judged = judge_fields(arena, head); !judged) return judged;
  if (auto framed = decide_request_framing(head); !framed) return framed;
  if (split == Split::Unsure) return bad("llhttp refused the framing");
  if (auto targeted = parse_target(line.target, arena, head); !targeted) return targeted;
  const ConnectionOptions options = read_connection(head->fields);
  if (options.names_protected) return bad("Connection names a field it must not");
  head->keeps_alive = !options.closes && (head->minor_version == 1 || options.keeps_alive);
  return {};
}

Result<void> parse_response(std::string_view text, uint32_t field_count, Method request_method,
                            Arena& arena, ResponseHead* head) {
  if (auto line = parse_status_line(text, head); !line) return line;
  const Split split = split_fields(text, field_count, HTTP_RESPONSE, arena, &head->fields);
  if (split == Split::ArenaFull) return refuse(FaultCode::Overloaded, "arena full: fields");
  if (split != Split::Ok) return broken("llhttp refused the head");
  if (auto framed = decide_response_framing(request_method, head); !framed) return framed;
  for (Field& field : head->fields) {
    if (is_hop_by_hop(field.id) || (field.id == FieldId::Other && aliases_framing(field)))
      field.dropped = true;
  }
  const ConnectionOptions options = read_connection(head->fields);
  head->keeps_alive = !options.closes && (head->minor_version == 1 || options.keeps_alive);
  return {};
}

}  // namespace apim::http
