#include "upstream/request_head.h"

#include <strings.h>

#include "http/h1_writer.h"
#include "snapshot/view.h"

namespace apim::upstream {
namespace {

using http::FieldId;

constexpr size_t kOwnBytesMax =
    512;  // Names and values of the fields we add, the request line's frame.

const HeaderEdit* edit_of(const Exchange& x, std::string_view name) {
  for (uint8_t i = 0; i < x.shape.request_edit_count; ++i) {
    const HeaderEdit& edit = x.shape.request_edits[i];
    if (edit.name.size() == name.size() &&
        strncasecmp(edit.name.data(), name.data(), name.size()) == 0)
      return &edit;
  }
  return nullptr;
}

// Fields this file writes itself, or never.
bool is_ours(FieldId id) {
  return id == FieldId::Host || id == FieldId::XForwardedFor || id == FieldId::XForwardedHost ||
         id == FieldId::XForwardedPort || id == FieldId::XForwardedProto ||
         id == FieldId::XRequestId || id == FieldId::InternalKey;
}

bool is_forwarded(const Exchange& x, const http::Field& field) {
  if (field.dropped || is_ours(field.id)) return false;
  if (x.shape.request_edit_count == 0) return true;
  const HeaderEdit* edit = edit_of(x, field.name);
  return edit == nullptr || edit->appends;
}

// What a trusted proxy said, or empty. Fields of others were dropped before.
std::string_view trusted(const Exchange& x, FieldId id) {
  for (const http::Field& field : x.request.fields) {
    if (field.id == id && !field.dropped) return field.value;
  }
  return {};
}

size_t room_for(const Exchange& x, const fbs::Endpoint& endpoint) {
  size_t bytes = kOwnBytesMax + endpoint.path()->size() + endpoint.authority()->size() +
                 x.shape.resource.size() + x.shape.query.size() + x.request.authority.size() +
                 x.request_id.size();
  for (const http::Field& field : x.request.fields)
    bytes += field.name.size() + field.value.size() + 4;
  for (uint8_t i = 0; i < x.shape.request_edit_count; ++i) {
    bytes += x.shape.request_edits[i].name.size() + x.shape.request_edits[i].value.size() + 4;
  }
  return bytes;
}

void write_forwarding(const Exchange& x, http::HeadWriter& head) {
  const std::string_view proto = trusted(x, FieldId::XForwardedProto);
  const std::string_view host = trusted(x, FieldId::XForwardedHost);
  const std::string_view port = trusted(x, FieldId::XForwardedPort);
  head.joined_field("X-Forwarded-For", trusted(x, FieldId::XForwardedFor), to_text(x.client.peer));
  head.field("X-Forwarded-Proto", !proto.empty() ? proto : x.client.tls ? "https" : "http");
  if (!host.empty() || !x.request.authority.empty()) {
    head.field("X-Forwarded-Host", host.empty() ? x.request.authority : host);
  }
  if (!port.empty()) {
    head.field("X-Forwarded-Port", port);
  } else {
    head.number_field("X-Forwarded-Port", x.request.host_port != 0 ? x.request.host_port
                                          : x.client.tls           ? 443
                                                                   : 80);
  }
}

void write_framing(const Exchange& x, http::HeadWriter& head) {
  if (x.request.framing == http::Framing::Chunked) head.field("Transfer-Encoding", "chunked");
  if (x.request.framing == http::Framing::Length)
    head.number_field("Content-Length", x.request.content_length);
}

// Framing and Host are not for plans to write.
bool is_reserved(std::string_view name) {
  return http::equals_ignoring_case(name, "host") ||
         http::equals_ignoring_case(name, "content-length") ||
         http::equals_ignoring_case(name, "transfer-encoding") ||
         http::equals_ignoring_case(name, "connection");
}

}  // namespace

Result<std::string_view> request_head(Exchange& x, const fbs::Endpoint& endpoint) {
  const size_t room = room_for(x, endpoint);
  char* bytes = static_cast<char*>(x.arena.allocate(room, 1));
  if (bytes == nullptr)
    return std::unexpected(fault(FaultCode::HeadTooLarge, "arena full: back end head"));
  http::HeadWriter head({bytes, room});
  head.request_line(x.shape.method, snapshot::view(endpoint.path()), x.shape.resource,
                    x.shape.query);
  head.field("Host", snapshot::view(endpoint.authority()));
  for (const http::Field& field : x.request.fields) {
    if (is_forwarded(x, field)) head.field(field);
  }
  for (uint8_t i = 0; i < x.shape.request_edit_count; ++i) {
    const HeaderEdit& edit = x.shape.request_edits[i];
    if (!edit.removes && !is_reserved(edit.name)) head.named_field(edit.name, edit.value);
  }
  write_forwarding(x, head);
  if (!x.request_id.empty()) head.field("X-Request-Id", x.request_id);
  write_framing(x, head);
  head.end();
  if (!head.is_good())
    return std::unexpected(fault(FaultCode::BadRequest, "a forbidden byte in the back end head"));
  return head.text();
}

}  // namespace apim::upstream
