// Admin: the pages of the admin port, as pure functions of a path and a state.
//
//   /healthz   200 while the process runs
//   /readyz    200 when every worker serves a valid snapshot, 503 before that and while draining
//   /metrics   Prometheus text
//   /snapshot  JSON: environment, epoch, age, counts, segments, images of each worker, last refusal
//   /why       POST of a described request: JSON, what would be decided for it and why (gate/why.h)

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "gate/pressure.h"
#include "http/method.h"
#include "observe/expose.h"
#include "snapshot/keeper.h"

namespace apim::gate {

// What pages are made of.
inline constexpr std::string_view kText = "text/plain; charset=utf-8";
inline constexpr std::string_view kJson = "application/json";

// What one worker serves, as it last said.
struct WorkerImages {
  uint64_t epoch = 0;   // 0: nothing yet.
  uint64_t images = 0;  // 1, or more while requests of older ones run.
};

struct AdminPage {
  uint16_t status = 200;
  std::string_view content_type{};  // Static storage, like `allow`.
  std::string_view allow{};         // Allow value of a 405; empty otherwise.
  std::string body{};               // For HEAD the caller sends its length only.
};

// What was asked. Views live until the page is made.
struct AdminRequest {
  http::Method method = http::Method::Get;
  std::string_view path;            // Canonical, without a query.
  std::string_view content_type{};  // As sent, like `origin`; empty: none.
  std::string_view origin{};
  std::string_view body{};
};

struct AdminState {
  snapshot::KeeperState keeper;
  uint64_t now_ms = 0;  // Wall time.
  std::string_view gateway_id;
  std::string_view environment;  // As configured.
  bool draining = false;         // After SIGTERM, unless a successor serves the address.
  std::vector<WorkerImages> workers;
  const Metrics* metrics = nullptr;  // Never null.
  uint64_t access_dropped = 0;
  uint64_t counters_used = 0;  // Pools::size()
  PressureLevel pressure = PressureLevel::None;
  std::function<AdminPage(const AdminRequest&)> why{};
};

AdminPage admin_page(const AdminRequest& request, const AdminState& state);

}  // namespace apim::gate
