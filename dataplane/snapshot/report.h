// Report: how this gateway is, as the JSON that lies in the hub.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace apim::snapshot {

struct GatewayReport {
  std::string_view id;
  std::string_view environment;
  std::string_view version;
  std::string_view host;
  int64_t pid = 0;
  uint32_t workers = 0;
  uint64_t epoch = 0;  // 0: "starting"
  uint64_t adopted_ms = 0;
  uint64_t refused_epoch = 0;
  std::string_view refused_reason;
  uint64_t started_ms = 0;
  uint64_t seen_ms = 0;
  uint64_t apis = 0;
  uint64_t keys = 0;
};

std::string to_json(const GatewayReport& report);

}  // namespace apim::snapshot
