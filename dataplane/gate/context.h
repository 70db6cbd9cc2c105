// Context: what the exchanges of one worker share. One thread; outlives them all.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/config.h"
#include "base/metrics.h"
#include "exchange/time_text.h"
#include "gate/pressure.h"
#include "gate/request_id.h"
#include "match/match.h"
#include "net/loop.h"
#include "observe/access.h"
#include "policy/cors.h"
#include "snapshot/current.h"
#include "throttle/pool.h"
#include "upstream/forward.h"

namespace apim::gate {

// The Date field's value, made once a second.
class DateText {
 public:
  std::string_view at(uint64_t unix_s) {
    if (unix_s != made_s_) {
      text_ = http_date_text(unix_s, bytes_);
      made_s_ = unix_s;
    }
    return text_;
  }

 private:
  uint64_t made_s_ = UINT64_MAX;
  std::string_view text_;
  std::array<char, kHttpDateBytes> bytes_;
};

struct Context {
  net::Loop& loop;
  snapshot::Current& current;
  throttle::Pools& counters;
  upstream::Upstreams upstreams;
  WorkerMetrics& metrics;
  const Pressure& pressure;
  observe::AccessRing* access = nullptr;  // Null: no access log.
  uint8_t worker_index = 0;
  match::Settings match;
  policy::CorsSettings cors;
  setting::RangeList trusted_proxies;
  RequestIds request_ids;
  DateText date;
};

}  // namespace apim::gate
