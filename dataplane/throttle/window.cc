#include "throttle/window.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace apim::throttle {
namespace {

constexpr uint32_t seconds_of(fbs::TimeUnit unit) {
  switch (unit) {
    case fbs::TimeUnit::Second: return 1;
    case fbs::TimeUnit::Minute: return 60;
    case fbs::TimeUnit::Hour: return 3600;
    case fbs::TimeUnit::Day: return 86400;
    case fbs::TimeUnit::Week: return 604800;
    case fbs::TimeUnit::Month:
    case fbs::TimeUnit::Year: break;
  }
  return 0;
}

uint32_t held(uint64_t time_s) {
  return static_cast<uint32_t>(std::min<uint64_t>(time_s, UINT32_MAX));
}

// Unix time at which a month begins; `month` counts from January 1970.
uint64_t month_begin_s(uint32_t month) {
  const std::chrono::year_month_day first{
      std::chrono::year{1970 + static_cast<int32_t>(month / 12)},
      std::chrono::month{month % 12 + 1}, std::chrono::day{1}};
  return static_cast<uint64_t>(std::chrono::sys_days{first}.time_since_epoch().count()) * 86400;
}

uint32_t month_of(uint32_t now_s) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{now_s / 86400}}};
  return static_cast<uint32_t>(static_cast<int32_t>(date.year()) - 1970) * 12 +
         static_cast<uint32_t>(date.month()) - 1;
}

Window calendar_window(uint32_t months, uint32_t now_s) {
  const uint32_t first = month_of(now_s) / months * months;
  return {.begin_s = held(month_begin_s(first)), .end_s = held(month_begin_s(first + months))};
}

}  // namespace

Window window_at(const fbs::Limit& limit, uint64_t now_s) {
  assert(limit.unit_time() > 0);
  const uint32_t now = held(now_s);
  if (limit.unit() == fbs::TimeUnit::Month) return calendar_window(limit.unit_time(), now);
  if (limit.unit() == fbs::TimeUnit::Year) return calendar_window(limit.unit_time() * 12, now);
  const uint32_t length_s = limit.unit_time() * seconds_of(limit.unit());
  const uint32_t begin = now - now % length_s;
  return {.begin_s = begin, .end_s = held(uint64_t{begin} + length_s)};
}

}  // namespace apim::throttle
