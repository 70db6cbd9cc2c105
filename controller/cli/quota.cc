#include "cli/quota.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace apim::cli {
namespace {

constexpr uint64_t kUnlimited = 2147483647;

std::string unit_of(const std::string& text) {
  static const std::map<std::string, std::string> units = {
      {"s", "sec"},       {"sec", "sec"},      {"second", "sec"}, {"seconds", "sec"},
      {"m", "min"},       {"min", "min"},      {"minute", "min"}, {"minutes", "min"},
      {"h", "hour"},      {"hour", "hour"},    {"hours", "hour"}, {"d", "day"},
      {"day", "day"},     {"days", "day"},     {"week", "week"},  {"weeks", "week"},
      {"month", "month"}, {"months", "month"}, {"year", "year"},  {"years", "year"}};
  const auto found = units.find(text);
  return found == units.end() ? "" : found->second;
}

template <class Number>
bool read_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

std::string show_period(const nlohmann::json& part) {
  const auto unit_time = part.value("unitTime", 1);
  const std::string unit = part.value("timeUnit", "");
  return unit_time == 1 ? unit : fmt::format("{} {}", unit_time, unit);
}

}  // namespace

Outcome<Quota> parse_quota(const std::string& text) {
  const auto refused = [&] {
    return fail(Exit::Usage, fmt::format("'{}' is not a limit", text),
                "write COUNT/UNIT, for example 100/min, 5/10s, 1000/hour");
  };
  Quota quota;
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return refused();
  const std::string period = text.substr(slash + 1);
  const size_t digits = std::min(period.find_first_not_of("0123456789"), period.size());
  quota.unit = unit_of(period.substr(digits));
  if (quota.unit.empty() || !read_number(text.substr(0, slash), quota.count)) return refused();
  if (digits > 0 && !read_number(period.substr(0, digits), quota.unit_time)) return refused();
  if (quota.count == 0 || quota.unit_time == 0) return refused();
  return quota;
}

nlohmann::json to_limit(const Quota& quota) {
  return {
      {"type", "REQUESTCOUNTLIMIT"},
      {"requestCount",
       {{"timeUnit", quota.unit}, {"unitTime", quota.unit_time}, {"requestCount", quota.count}}}};
}

std::string show_limit(const nlohmann::json& limit) {
  if (!limit.is_object()) return "unlimited";
  const std::string type = limit.value("type", "");
  const bool counts = type == "REQUESTCOUNTLIMIT" && limit.contains("requestCount");
  if (counts && limit["requestCount"].is_object()) {
    const auto& part = limit["requestCount"];
    const auto count = part.value("requestCount", uint64_t{0});
    if (count == 0 || count >= kUnlimited) return "unlimited";
    return fmt::format("{} per {}", count, show_period(part));
  }
  if (type == "BANDWIDTHLIMIT" && limit.contains("bandwidth") && limit["bandwidth"].is_object()) {
    const auto& part = limit["bandwidth"];
    return fmt::format("{} {} per {}", part.value("dataAmount", uint64_t{0}),
                       part.value("dataUnit", ""), show_period(part));
  }
  if (type == "EVENTCOUNTLIMIT" && limit.contains("eventCount") &&
      limit["eventCount"].is_object()) {
    const auto& part = limit["eventCount"];
    return fmt::format("{} events per {}", part.value("eventCount", uint64_t{0}),
                       show_period(part));
  }
  return type.empty() ? "unlimited" : type;
}

}  // namespace apim::cli
