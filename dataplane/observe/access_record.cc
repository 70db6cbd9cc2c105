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

// Writes a JSON object's members into a buffer that is known to be large enough.
class Line {
 public:
  explicit Line(char* start) : start_(start), at_(start) { put("{"); }

  void text(std::string_view name, const AccessRecord& record,
            std::string_view AccessRecord::*member) {
    const std::string_view value = record.*member;
    if (value.empty()) return;
    open(name);
    put("\"");
    escaped(value, room_of(member));
    put("\"");
  }
  void literal(std::string_view name, std::string_view value) {
    open(name);
    put("\"");
    put(value);
    put("\"");
  }
  void number(std::string_view name, uint64_t value) {
    open(name);
    digits(value);
  }
  void flag(std::string_view name) {
    open(name);
    put("true");
  }
  void time(uint64_t wall_ms);
  void client(const Address& address);
  void backend(const AccessRecord& record);
  bool truncated() const { return truncated_; }
  size_t finish() {
    put("}\n");
    const auto bytes = static_cast<size_t>(at_ - start_);
    assert(bytes <= kLineBytesMax);
    return bytes;
  }

 private:
  static size_t room_of(std::string_view AccessRecord::*member) {
    for (const AccessText& text : kAccessTexts) {
      if (text.member == member) return text.line_bytes_max;
    }
    return 0;
  }
  void put(std::string_view bytes) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void escaped(std::string_view value, size_t room) {
    const Escaped escape = escape_json(value, at_, room);
    at_ += escape.bytes;
    truncated_ |= !escape.complete;
  }
  void open(std::string_view name) {
    if (at_ - start_ > 1) put(",");
    put("\"");
    put(name);
    put("\":");
  }
  void digits(uint64_t value) { at_ = std::to_chars(at_, at_ + 20, value).ptr; }
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
  open("time");
  put("\"");
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
  open("client");
  put("\"");
  const bool is_v4 = address.high == 0 && address.low >> 32 == 0xffff;
  if (is_v4) {
    for (unsigned shift = 32; shift > 0; shift -= 8) {
      digits(address.low >> (shift - 8) & 0xff);
      if (shift > 8) put(".");
    }
  } else {
    put(to_text(address));
  }
  put("\"");
}

void Line::backend(const AccessRecord& record) {
  const bool bracketed = record.backend_host.find(':') != std::string_view::npos;
  open("backend");
  put(bracketed ? "\"[" : "\"");
  escaped(record.backend_host, room_of(&AccessRecord::backend_host));
  put(bracketed ? "]:" : ":");
  digits(record.backend_port);
  put("\"");
}

}  // namespace

size_t format_line(const AccessRecord& record, char* start) {
  Line line(start);
  line.time(record.wall_ms);
  line.text("request_id", record, &AccessRecord::request_id);
  line.client(record.client);
  line.text("method", record, &AccessRecord::method);
  line.text("host", record, &AccessRecord::host);
  line.text("path", record, &AccessRecord::path);
  if (record.has_query) line.flag("query");
  line.text("api", record, &AccessRecord::api_name);
  line.text("version", record, &AccessRecord::api_version);
  line.text("api_id", record, &AccessRecord::api_uuid);
  line.text("resource", record, &AccessRecord::resource);
  line.text("application", record, &AccessRecord::application);
  if (record.application_id != 0) line.number("application_id", record.application_id);
  line.text("key_type", record, &AccessRecord::key_type);
  line.number("status", record.status);
  if (record.fault != FaultCode::kCount) {
    const FaultText& fault = text_of(record.fault);
    line.literal("fault", fault.name);
    line.number("code", fault.code);
  }
  if (record.backend_port != 0) {
    line.backend(record);
    line.number("backend_us", record.backend_us);
  }
  line.number("request_bytes", record.request_bytes);
  line.number("response_bytes", record.response_bytes);
  line.number("duration_us", record.duration_us);
  line.number("epoch", record.epoch);
  line.number("worker", record.worker);
  if (record.truncated || line.truncated()) line.flag("truncated");
  return line.finish();
}

}  // namespace apim::observe
