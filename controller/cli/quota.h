// Quota: limits as people write them, "100/min" or "5/10s", and as WSO2's admin REST does.

#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/outcome.h"

namespace apim::cli {

struct Quota {
  uint64_t count = 0;
  uint32_t unit_time = 1;
  std::string unit;  // "sec", "min", "hour", "day", "week", "month", "year"
};

// COUNT/[N]UNIT, the unit in any usual form ("s", "sec", "seconds").
Outcome<Quota> parse_quota(const std::string& text);

// ThrottleLimit of kind REQUESTCOUNTLIMIT.
nlohmann::json to_limit(const Quota& quota);

// A ThrottleLimit for people: "100 per min", "unlimited", "10 MB per hour".
std::string show_limit(const nlohmann::json& limit);

}  // namespace apim::cli
