#include "gate/admin.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "crypto/hex.h"
#include "gate/json.h"

namespace apim::gate {
namespace {

bool is_ready(const AdminState& state) {
  return state.keeper.image != nullptr && state.keeper.epoch != 0 && !state.draining;
}

uint64_t age_ms(const AdminState& state) {
  const uint64_t created_ms = state.keeper.created_ms;
  return created_ms == 0 || created_ms > state.now_ms ? 0 : state.now_ms - created_ms;
}

std::string_view name_of(layout::Kind kind) {
  switch (kind) {
    case layout::Kind::Manifest: return "manifest";
    case layout::Kind::Routes: return "routes";
    case layout::Kind::Apis: return "apis";
    case layout::Kind::Limits: return "limits";
    case layout::Kind::Consumers: return "consumers";
    case layout::Kind::Keys: return "keys";
    case layout::Kind::Trust: return "trust";
    case layout::Kind::Revoked: return "revoked";
  }
  return "unknown";
}

void put_refusal(Json& json, const snapshot::KeeperState& keeper) {
  if (keeper.refused_reason.empty()) {
    json.null("refused");
    return;
  }
  json.name("refused");
  json.open('{');
  json.number("epoch", keeper.refused_epoch);
  json.number("at_ms", keeper.refused_ms);
  json.text("reason", keeper.refused_reason);
  json.close('}');
}

void put_workers(Json& json, const AdminState& state) {
  json.name("workers");
  json.open('[');
  for (const WorkerImages& worker : state.workers) {
    json.item();
    json.open('{');
    json.number("epoch", worker.epoch);
    json.number("images", worker.images);
    json.close('}');
  }
  json.close(']');
}

void put_image(Json& json, const snapshot::Image& image) {
  const auto counts = image.counts();
  json.name("counts");
  json.open('{');
  json.number("apis", counts.apis);
  json.number("applications", counts.applications);
  json.number("keys", counts.keys);
  json.close('}');
  uint64_t bytes = 0;
  json.name("segments");
  json.open('[');
  for (const auto& segment : image.segments()) {
    bytes += segment.bytes;
    json.item();
    json.open('{');
    json.text("kind", name_of(segment.kind));
    json.number("shard", segment.shard);
    json.number("bytes", segment.bytes);
    json.text("sha256", crypto::to_hex(segment.digest));
    json.close('}');
  }
  json.close(']');
  json.number("bytes", bytes);
}

std::string snapshot_page(const AdminState& state) {
  const snapshot::KeeperState& keeper = state.keeper;
  Json json;
  json.open('{');
  json.text("gateway", state.gateway_id);
  json.text("environment", state.environment);
  json.flag("ready", is_ready(state));
  json.number("epoch", keeper.epoch);
  json.number("created_ms", keeper.created_ms);
  json.number("adopted_ms", keeper.adopted_ms);
  json.number("age_ms", age_ms(state));
  json.flag("from_cache", keeper.from_cache);
  json.number("adopted", keeper.adopted_count);
  json.number("refusals", keeper.refused_count);
  json.number("hub_errors", keeper.hub_error_count);
  if (keeper.hub_error.empty()) {
    json.null("hub_error");
  } else {
    json.text("hub_error", keeper.hub_error);
  }
  json.number("fetched_segments", keeper.fetched_segments);
  json.number("fetched_bytes", keeper.fetched_bytes);
  json.number("live_images", keeper.live_images);
  put_refusal(json, keeper);
  put_workers(json, state);
  if (keeper.image != nullptr) put_image(json, *keeper.image);
  json.close('}');
  return json.take();
}

AdminPage ready_page(const AdminState& state) {
  if (is_ready(state)) return {.content_type = kText, .body = "ready\n"};
  const char* why = state.draining ? "not ready: stopping\n"
                                   : "not ready: no valid snapshot is served yet; see /snapshot\n";
  return {.status = 503, .content_type = kText, .body = why};
}

AdminPage metrics_page(const AdminState& state) {
  const observe::ProcessGauges gauges{
      .snapshot_epoch = state.keeper.epoch,
      .snapshot_age_s = age_ms(state) / 1000,
      .snapshot_refusals = state.keeper.refused_count,
      .snapshot_images = state.keeper.live_images,
      .hub_errors = state.keeper.hub_error_count,
      .access_dropped = state.access_dropped,
      .counters_used = state.counters_used,
      .memory_pressure = static_cast<uint64_t>(state.pressure),
      .worker_count = state.metrics->worker_count(),
      .ready = is_ready(state),
  };
  return {.content_type = observe::kExpositionType,
          .body = observe::expose(state.metrics->sum(), gauges)};
}

}  // namespace

AdminPage admin_page(const AdminRequest& request, const AdminState& state) {
  assert(state.metrics != nullptr);
  constexpr std::string_view kPages[] = {"/healthz", "/readyz", "/metrics", "/snapshot", "/why"};
  const std::string_view path = request.path;
  if (std::ranges::find(kPages, path) == std::end(kPages)) {
    return {.status = 404,
            .content_type = kText,
            .body = "not found; there are /healthz /readyz /metrics /snapshot /why\n"};
  }
  if (path == "/why") {
    if (request.method == http::Method::Post && state.why) return state.why(request);
    return {.status = 405,
            .content_type = kText,
            .allow = "POST",
            .body = "only POST, with the described request as a form; see apimctl why --help\n"};
  }
  if (request.method != http::Method::Get && request.method != http::Method::Head) {
    return {
        .status = 405, .content_type = kText, .allow = "GET, HEAD", .body = "only GET and HEAD\n"};
  }
  if (path == "/readyz") return ready_page(state);
  if (path == "/metrics") return metrics_page(state);
  if (path == "/snapshot") return {.content_type = kJson, .body = snapshot_page(state)};
  return {.content_type = kText, .body = "ok\n"};
}

}  // namespace apim::gate
