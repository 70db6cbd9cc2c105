// Gateways: who serves an environment, and from which epoch on.

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "publish/hub.h"

namespace apim::publish {

constexpr int64_t kGatewayAliveMs = 5'000;  // A gateway is alive when its state is younger.

struct Gateway {
  nlohmann::json state{};  // As the gateway wrote it, plus "alive".
  std::string id{};
  uint64_t epoch = 0;
  uint64_t refused_epoch = 0;
  bool alive = false;
};

struct Arrival {
  bool reached = false;  // Every alive gateway serves `epoch` or later, and at least one is alive.
  size_t live = 0;       // Alive gateways that serve it.
  size_t total = 0;      // Alive gateways.
  int64_t waited_ms = 0;
  std::vector<Gateway> list{};
};

// Sorted by id. Unreadable files are left out.
std::vector<Gateway> gateways(Hub& hub, const std::string& environment);

// Returns once reached, once an alive gateway refused `epoch` or later, or after `timeout_ms`.
Arrival wait_for(Hub& hub, const std::string& environment, uint64_t epoch, int64_t timeout_ms);

}  // namespace apim::publish
