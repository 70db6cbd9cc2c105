#include "observe/access_record.h"

#include <cassert>
#include <charconv>
#include <chrono>
#include <cstring>

#include "observe/escape.h"

namespace apim::observe {
namespace {

constexpr size_t text_bytes_max() {
  size_t sum = 0;
  for (const AccessText& text : kAccessTexts) sum += text.line_bytes_max;
  return sum;
}
// Member names, numbers, addresses and the time.
constexpr size_t kOtherBytesMax = 800;
static_assert(text_bytes_max() + kOtherBytesMax <= kLineBytesMax);

constexpr size_t room_of(std::string_view AccessRecord::*member) {
  for (const AccessText& text : kAccessTexts) {
    if (text.member == member) return text.line_bytes_max;
  }
  return 0;
}

// Writes a JSON object's members into a buffer that is known to be large enough. Texts of the
// source come as literals: copies of a known size.
class Line {
 public:
  explicit Line(char* start) : start_(start), at_(start) {}

  template <std::string_view AccessRecord::*Member, size_t Bytes>
  void text(const char (&key)[Bytes], const AccessRecord& record) {
    const std::string_view value = record.*Member;
    if (value.empty()) return;
    put(key);
    escaped(value, room_of(Member));
    put("\"");
  }
  template <size_t Bytes>
  void number(const char (&key)[Bytes], uint64_t value) {
    put(key);
    at_ = std::to_chars(at_, at_ + 20, value).ptr;
  }
  void time(uint64_t wall_ms);
  void client(const Address& address);
  void backend(const AccessRecord& record);
  void fault(const FaultText& fault) {
    put(",\"fault\":\"");
    put(std::string_view(fault.name));
    number("\",\"code\":", fault.code);
  }
  template <size_t Bytes>
  void put(const char (&literal)[Bytes]) {
    std::memcpy(at_, literal, Bytes - 1);
    at_ += Bytes - 1;
  }
  bool truncated() const { return truncated_; }
  size_t finish() {
    put("}\n");
    const auto bytes = static_cast<size_t>(at_ - start_);
    assert(bytes <= kLineBytesMax);
    return bytes;
  }

 private:
  void put(std::string_view bytes) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void escaped(std::string_view value, size_t room) {
    const Escaped escape = escape_json(value, at_, room);
    at_ += escape.bytes;
    truncated_ |= !escape.complete;
  }
  // Decimal with leading zeros.
  void padded(uint64_t value, size_t width) {
    for (size_t i = width; i-- > 0; value /= 10) at_[i] = static_cast<char>('0' + value % 10);
    at_ += width;
  }

  char* start_;
  char* at_;
  bool truncated_ = false;
};

void Line::time(uint64_t wall_ms) {
  constexpr uint64_t kDayMs = 86'400'000;
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int64_t>(wall_ms / kDayMs)}}};
  const uint64_t ms = wall_ms % kDayMs;
  put("{\"time\":\"");
  padded(static_cast<uint64_t>(int{date.year()}), 4);
  put("-");
  padded(unsigned{date.month()}, 2);
  put("-");
  padded(unsigned{date.day()}, 2);
  put("T");
  padded(ms / 3'600'000, 2);
  put(":");
  padded(ms / 60'000 % 60, 2);
  put(":");
  padded(ms / 1000 % 60, 2);
  put(".");
  padded(ms % 1000, 3);
  put("Z\"");
}

void Line::client(const Address& address) {
  put(",\"client\":\"");
  const bool is_v4 = address.high == 0 && address.low >> 32 == 0xffff;
  if (is_v4) {
    number("", address.low >> 24 & 0xff);
    number(".", address.low >> 16 & 0xff);
    number(".", address.low >> 8 & 0xff);
    number(".", address.low & 0xff);
  } else {
    put(std::string_view(to_text(address)));
  }
  put("\"");
}

void Line::backend(const AccessRecord& record) {
  const bool bracketed = record.backend_host.find(':') != std::string_view::npos;
  put(",\"backend\":\"");
  if (bracketed) put("[");
  escaped(record.backend_host, room_of(&AccessRecord::backend_host));
  if (bracketed) put("]");
  number(":", record.backend_port);
  put("\"");
}

}  // namespace

size_t format_line(const AccessRecord& record, char* start) {
  Line line(start);
  line.time(record.wall_ms);
  line.text<&AccessRecord::request_id>(",\"request_id\":\"", record);
  line.client(record.client);
  line.text<&AccessRecord::method>(",\"method\":\"", record);
  line.text<&AccessRecord::host>(",\"host\":\"", record);
  line.text<&AccessRecord::path>(",\"path\":\"", record);
  if (record.has_query) line.put(",\"query\":true");
  line.text<&AccessRecord::api_name>(",\"api\":\"", record);
  line.text<&AccessRecord::api_version>(",\"version\":\"", record);
  line.text<&AccessRecord::api_uuid>(",\"api_id\":\"", record);
  line.text<&AccessRecord::resource>(",\"resource\":\"", record);
  line.text<&AccessRecord::application>(",\"application\":\"", record);
  if (record.application_id != 0) line.number(",\"application_id\":", record.application_id);
  line.text<&AccessRecord::key_type>(",\"key_type\":\"", record);
  line.number(",\"status\":", record.status);
  if (record.fault != FaultCode::kCount) line.fault(text_of(record.fault));
  if (record.backend_port != 0) {
    line.backend(record);
    line.number(",\"backend_us\":", record.backend_us);
  }
  line.number(",\"request_bytes\":", record.request_bytes);
  line.number(",\"response_bytes\":", record.response_bytes);
  line.number(",\"duration_us\":", record.duration_us);
  line.number(",\"epoch\":", record.epoch);
  line.number(",\"worker\":", record.worker);
  if (record.truncated || line.truncated()) line.put(",\"truncated\":true");
  return line.finish();
}

}  // namespace apim::observe
