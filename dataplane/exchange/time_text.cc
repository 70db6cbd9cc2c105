#include "exchange/time_text.h"

#include <array>
#include <cassert>
#include <chrono>
#include <cstring>

namespace apim {
namespace {

// The last second of the year 9999: both forms have four digits for the year.
constexpr uint64_t kUnixSecondsMax = 253402300799;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct Moment {
  uint32_t year;
  uint32_t month;  // 1..12
  uint32_t day;
  uint32_t weekday;  // 0 is Sunday
  uint32_t second_of_day;
};

Moment moment_of(uint64_t unix_s) {
  const uint64_t held_s = unix_s < kUnixSecondsMax ? unix_s : kUnixSecondsMax;
  const auto days = std::chrono::sys_days{std::chrono::days{static_cast<int64_t>(held_s / 86400)}};
  const std::chrono::year_month_day date{days};
  return {.year = static_cast<uint32_t>(static_cast<int32_t>(date.year())),
          .month = static_cast<uint32_t>(date.month()),
          .day = static_cast<uint32_t>(date.day()),
          .weekday = std::chrono::weekday{days}.c_encoding(),
          .second_of_day = static_cast<uint32_t>(held_s % 86400)};
}

class Text {
 public:
  explicit Text(char* at) : begin_(at), at_(at) {}
  Text& operator<<(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  Text& digits(uint32_t value, uint32_t width) {
    for (uint32_t i = width; i-- > 0; value /= 10) at_[i] = static_cast<char>('0' + value % 10);
    at_ += width;
    return *this;
  }
  Text& time(uint32_t second_of_day) {
    digits(second_of_day / 3600, 2) << ":";
    digits(second_of_day / 60 % 60, 2) << ":";
    return digits(second_of_day % 60, 2);
  }
  std::string_view text() const { return {begin_, static_cast<size_t>(at_ - begin_)}; }

 private:
  char* begin_;
  char* at_;
};

}  // namespace

std::string_view access_time_text(uint64_t unix_s, std::span<char, kAccessTimeBytes> buffer) {
  const Moment moment = moment_of(unix_s);
  Text text(buffer.data());
  text.digits(moment.year, 4) << "-" << kMonths[moment.month - 1] << "-";
  text.digits(moment.day, 2) << " ";
  text.time(moment.second_of_day) << "+0000 UTC";
  assert(text.text().size() <= kAccessTimeBytes);
  return text.text();
}

std::string_view http_date_text(uint64_t unix_s, std::span<char, kHttpDateBytes> buffer) {
  const Moment moment = moment_of(unix_s);
  Text text(buffer.data());
  text << kDays[moment.weekday] << ", ";
  text.digits(moment.day, 2) << " " << kMonths[moment.month - 1] << " ";
  text.digits(moment.year, 4) << " ";
  text.time(moment.second_of_day) << " GMT";
  assert(text.text().size() == kHttpDateBytes);
  return text.text();
}

}  // namespace apim
