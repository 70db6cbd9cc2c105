// TimeText: moments as the texts that answers carry. Pure; UTC.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace apim {

constexpr size_t kAccessTimeBytes = 32;
constexpr size_t kHttpDateBytes = 29;

// WSO2's nextAccessTime, "yyyy-MMM-dd HH:mm:ssZ" and " UTC": "2026-Aug-22 10:01:00+0000 UTC". The
// result lies in `buffer`.
std::string_view access_time_text(uint64_t unix_s, std::span<char, kAccessTimeBytes> buffer);

// RFC 9110 5.6.7: "Sat, 22 Aug 2026 10:01:00 GMT". Retry-After and Date. The result lies in
// `buffer`.
std::string_view http_date_text(uint64_t unix_s, std::span<char, kHttpDateBytes> buffer);

}  // namespace apim
