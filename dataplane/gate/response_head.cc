#include "gate/response_head.h"

#include <strings.h>

#include <array>

#include "exchange/time_text.h"

namespace apim::gate {
namespace {

using http::FieldId;

constexpr size_t kOwnBytesMax = 512;

const HeaderEdit* edit_of(const Exchange& x, std::string_view name) {
  for (uint8_t i = 0; i < x.shape.response_edit_count; ++i) {
    const HeaderEdit& edit = x.shape.response_edits[i];
    if (edit.name.size() == name.size() &&
        strncasecmp(edit.name.data(), name.data(), name.size()) == 0)
      return &edit;
  }
  return nullptr;
}

bool is_reserved(std::string_view name) {
  return http::equals_ignoring_case(name, "content-length") ||
         http::equals_ignoring_case(name, "connection") ||
         http::equals_ignoring_case(name, "transfer-encoding");
}

size_t edit_bytes(const Exchange& x) {
  size_t bytes = 0;
  for (uint8_t i = 0; i < x.shape.response_edit_count; ++i) {
    bytes += x.shape.response_edits[i].name.size() + x.shape.response_edits[i].value.size() + 4;
  }
  return bytes;
}

void write_edits(const Exchange& x, http::HeadWriter& head) {
  for (uint8_t i = 0; i < x.shape.response_edit_count; ++i) {
    const HeaderEdit& edit = x.shape.response_edits[i];
    if (!edit.removes && !is_reserved(edit.name)) head.named_field(edit.name, edit.value);
  }
}

Result<http::HeadWriter> writer(Arena& arena, size_t bytes) {
  char* room = static_cast<char*>(arena.allocate(bytes, 1));
  if (room == nullptr)
    return std::unexpected(fault(FaultCode::Overloaded, "arena full: response head"));
  return http::HeadWriter({room, bytes});
}

bool forbids_body(uint16_t status) { return status < 200 || status == 204 || status == 304; }

// Framing as the client needs it; the backend's own is only where the bytes came from.
void plan_body(const Exchange& x, const http::ResponseHead& response, ResponsePlan* plan) {
  const bool is_head = x.request.method == http::Method::Head;
  if (is_head || forbids_body(response.status)) {
    plan->sends_body = false;
    if (response.has_content_length && response.status != 204) {
      plan->head.number_field("Content-Length", response.content_length);
    }
  } else if (response.status == 205 || response.framing == http::Framing::None) {
    plan->sends_body = false;
    plan->body = {.framing = http::Framing::Length, .length = 0};
  } else if (response.framing == http::Framing::Length) {
    plan->body = {.framing = http::Framing::Length, .length = response.content_length};
  } else {
    plan->body = {.framing = http::Framing::Chunked};
  }
}

}  // namespace

Result<ResponsePlan> backend_head(Exchange& x, const http::ResponseHead& response,
                                  std::string_view date) {
  size_t bytes = kOwnBytesMax + edit_bytes(x) + x.request_id.size();
  for (const http::Field& field : response.fields)
    bytes += field.name.size() + field.value.size() + 4;
  TRY(http::HeadWriter head, writer(x.arena, bytes));
  ResponsePlan plan{.head = head, .body = {}};
  plan.head.status_line(response.status);
  bool has_date = false;
  for (const http::Field& field : response.fields) {
    if (field.dropped || field.id == FieldId::XRequestId) continue;
    if (x.shape.response_edit_count > 0) {
      const HeaderEdit* edit = edit_of(x, field.name);
      if (edit != nullptr && !edit->appends) continue;
    }
    has_date |= field.id == FieldId::Date;
    plan.head.field(field);
  }
  write_edits(x, plan.head);
  if (!has_date) plan.head.field("Date", date);
  if (!x.request_id.empty()) plan.head.field("X-Request-Id", x.request_id);
  plan_body(x, response, &plan);
  return plan;
}

Result<ResponsePlan> answer_head(Exchange& x, std::string_view date) {
  const Answer& answer = x.answer;
  const size_t bytes = kOwnBytesMax + edit_bytes(x) + x.request_id.size() +
                       answer.content_type.size() + answer.challenge.size() + answer.allow.size();
  TRY(http::HeadWriter head, writer(x.arena, bytes));
  ResponsePlan plan{.head = head, .body = {}};
  plan.head.status_line(answer.status);
  if (!answer.content_type.empty()) plan.head.field("Content-Type", answer.content_type);
  if (!answer.challenge.empty()) plan.head.field("WWW-Authenticate", answer.challenge);
  if (!answer.allow.empty()) plan.head.field("Allow", answer.allow);
  if (answer.retry_at_s != 0) {
    std::array<char, kHttpDateBytes> text;
    plan.head.field("Retry-After", http_date_text(answer.retry_at_s, text));
  }
  write_edits(x, plan.head);
  plan.head.field("Date", date);
  if (!x.request_id.empty()) plan.head.field("X-Request-Id", x.request_id);
  if (x.request.method == http::Method::Head) {
    plan.sends_body = false;
    plan.head.number_field("Content-Length", answer.body.size());
  } else if (!forbids_body(answer.status)) {
    plan.body = {.framing = http::Framing::Length, .length = answer.body.size()};
  }
  return plan;
}

}  // namespace apim::gate
