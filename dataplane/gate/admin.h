// Admin: the pages of the admin port, as pure functions of a path and a state.
//
//   /healthz   200 while the process runs
//   /readyz    200 with a valid image, 503 without
//   /metrics   Prometheus text
//   /snapshot  JSON: environment, epoch, age, segments, counts, live images, last refusal

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "http/method.h"
#include "observe/expose.h"
#include "snapshot/image.h"

namespace apim::gate {

// The last snapshot that was not adopted.
struct Refusal {
  uint64_t epoch = 0;      // 0: the manifest did not say.
  uint64_t wall_ms = 0;    // 0: nothing was ever refused.
  std::string reason;
};

struct AdminState {
  const snapshot::Image* image = nullptr;  // The newest valid one, kept alive by the caller; null: not ready.
  uint64_t now_ms = 0;                     // Wall time.
  uint64_t adopted_ms = 0;                 // Wall time of the image's adoption.
  std::string_view gateway_id;
  std::string_view environment;            // As configured.
  bool draining = false;                   // Stops: not ready any more.
  Refusal refusal;
  std::vector<uint64_t> worker_epochs;     // What each worker serves now; 0: nothing yet.
  std::vector<uint64_t> worker_images;     // Live images of each worker: 1, or more while requests of older ones run.
  const Metrics* metrics = nullptr;
  observe::ProcessGauges gauges;           // snapshot_epoch, snapshot_age_s and ready are filled in by admin_page().
};

struct AdminPage {
  uint16_t status = 200;
  std::string_view content_type;           // Static storage.
  std::string_view allow;                  // Allow value of a 405; empty otherwise.
  std::string body;                        // HEAD: the caller sends its length only.
};

// `path` is canonical and without a query.
AdminPage admin_page(http::Method method, std::string_view path, const AdminState& state);

}  // namespace apim::gate
