// Limit: so many requests (bytes, events) per so many calendar units.

#pragma once

#include <cstdint>

namespace apim::model {

enum class TimeUnit : uint8_t { Second, Minute, Hour, Day, Week, Month, Year };
enum class QuotaKind : uint8_t { Requests, Bytes, Events, AiTokens };

struct Limit {
  QuotaKind kind = QuotaKind::Requests;
  uint64_t count = 0;      // 0: no limit at all. Bytes: in bytes.
  uint32_t unit_time = 1;  // >= 1
  TimeUnit unit = TimeUnit::Minute;

  bool is_unlimited() const { return count == 0; }
  friend bool operator==(const Limit&, const Limit&) = default;
};

}  // namespace apim::model
