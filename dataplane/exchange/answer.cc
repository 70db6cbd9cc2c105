#include "exchange/answer.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cstring>

#include "exchange/exchange.h"
#include "exchange/time_text.h"

namespace apim {
namespace {

constexpr size_t kDetailBytesMax = 2048;
constexpr std::string_view kQuotaAdvice = " .You can access API after ";
// What is sent when the arena has no room for the real body.
constexpr std::string_view kBodyOfLastResort =
    R"({"code":"503","type":"Status report","message":"Service Unavailable","description":"The )"
    R"(gateway is at its limit. Try again later."})";

// Writes JSON text into a buffer that is large enough by construction.
class Json {
 public:
  explicit Json(char* at) : begin_(at), at_(at) {}

  void raw(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }

  // A string's inside: quotes, backslashes, control bytes and bytes that are not ASCII never appear
  // raw.
  void escaped(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        *at_++ = '\\';
        *at_++ = c;
      } else if (byte < 0x20 || byte >= 0x7f) {
        raw("\\u00");
        *at_++ = kHex[byte >> 4];
        *at_++ = kHex[byte & 15];
      } else {
        *at_++ = c;
      }
    }
  }

  void number(uint32_t value) { at_ = std::to_chars(at_, at_ + 10, value).ptr; }

  std::string_view text() const { return {begin_, static_cast<size_t>(at_ - begin_)}; }

 private:
  char* begin_;
  char* at_;
};

// The description with {0} filled: by `detail`, or for an exhausted limit by when it opens again.
void write_description(Json& json, std::string_view description, std::string_view detail,
                       std::string_view next_access) {
  const size_t hole = description.find("{0}");
  if (hole == std::string_view::npos) return json.escaped(description);
  json.escaped(description.substr(0, hole));
  if (!detail.empty()) {
    json.escaped(detail);
  } else if (!next_access.empty()) {
    json.raw(kQuotaAdvice);
    json.raw(next_access);
  }
  json.escaped(description.substr(hole + 3));
}

std::string_view write_body(Arena& arena, const FaultText& text, std::string_view detail,
                            uint64_t retry_at_s) {
  detail = detail.substr(0, kDetailBytesMax);
  std::array<char, kAccessTimeBytes> time_buffer;
  const std::string_view next_access =
      retry_at_s == 0 ? std::string_view{} : access_time_text(retry_at_s, time_buffer);
  const size_t bytes_max =
      160 + 6 * (text.message.size() + text.description.size() + text.type.size() + detail.size()) +
      2 * next_access.size() + kQuotaAdvice.size();
  auto* buffer = static_cast<char*>(arena.allocate(bytes_max, 1));
  if (buffer == nullptr) return kBodyOfLastResort;
  Json json(buffer);
  json.raw(R"({"code":")");
  json.number(text.code);
  if (!text.type.empty()) {
    json.raw(R"(","type":")");
    json.escaped(text.type);
  }
  if (!text.message.empty()) {
    json.raw(R"(","message":")");
    json.escaped(text.message);
  }
  json.raw(R"(","description":")");
  write_description(json, text.description, detail, next_access);
  if (!next_access.empty()) {
    json.raw(R"(","nextAccessTime":")");
    json.raw(next_access);
  }
  json.raw("\"}");
  assert(json.text().size() <= bytes_max);
  return json.text();
}

}  // namespace

void answer(Exchange& x, const Fault& fault, std::string_view detail) {
  assert(fault.code < FaultCode::kCount);
  if (x.answer.set) return;
  const FaultText& text = text_of(fault.code);
  x.answer.set = true;
  x.answer.code = fault.code;
  x.answer.status = text.http_status;
  x.answer.what = fault.what;
  x.answer.content_type = "application/json";
  x.answer.body = write_body(x.arena, text, detail, x.answer.retry_at_s);
}

}  // namespace apim
