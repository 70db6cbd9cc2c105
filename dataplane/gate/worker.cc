#include "gate/worker.h"

#include <fmt/core.h>
#include <pthread.h>

#include <cassert>
#include <csignal>
#include <optional>

namespace apim::gate {
namespace {

http::ServerLimits server_limits(const Settings& settings) {
  http::ServerLimits limits;
  limits.head.head_bytes = static_cast<uint32_t>(settings.limits.head_bytes);
  limits.head.line_bytes = static_cast<uint32_t>(settings.limits.line_bytes);
  limits.head.field_count = static_cast<uint32_t>(settings.limits.header_count);
  limits.body_bytes_max = settings.limits.body_bytes;
  limits.head_ms = settings.timeouts.head_ms;
  limits.idle_ms = settings.timeouts.idle_ms;
  limits.body_idle_ms = settings.timeouts.body_idle_ms;
  limits.first_byte_ms = settings.timeouts.first_byte_ms;
  limits.body_bytes_per_s = settings.limits.body_bytes_per_s;
  limits.body_grace_ms = settings.timeouts.body_grace_ms;
  return limits;
}

upstream::PoolSettings pool_settings(const Settings& settings) {
  return {.connect_ms = settings.upstream.connect_ms,
          .idle_ms = settings.upstream.idle_ms,
          .connections_max = static_cast<uint32_t>(settings.upstream.connections_max)};
}

policy::CorsSettings cors_settings(const Settings& settings) {
  return {.enabled = settings.cors.enabled,
          .origins = settings.cors.allow_origins,
          .methods = settings.cors.allow_methods,
          .headers = settings.cors.allow_headers,
          .credentials = settings.cors.allow_credentials};
}

}  // namespace

Worker::Worker(uint8_t index, const WorkerShared& shared, net::ListenSocket socket,
               std::unique_ptr<net::TlsContext> tls)
    : Connections(loop_,
                  {.in_all = shared.connections_max,
                   .per_address = shared.settings.limits.connections_per_address,
                   .exempt = shared.settings.listen.trusted_proxies},
                  &shared.metrics.worker(index)),
      shared_(shared),
      wake_(loop_),
      resolver_(loop_),
      tls_(std::move(tls)),
      pool_(loop_, resolver_, tls_.get(), pool_settings(shared.settings),
            shared.metrics.worker(index)),
      current_([this](std::shared_ptr<const snapshot::Image> image) {
        live_images_.fetch_sub(1, std::memory_order_relaxed);
        if (shared_.retire) shared_.retire(std::move(image));
      }),
      context_{.loop = loop_,
               .current = current_,
               .counters = shared.counters,
               .upstreams = {.loop = loop_,
                             .pool = pool_,
                             .balance = balance_,
                             .metrics = shared.metrics.worker(index),
                             .response_ms = shared.settings.upstream.response_ms},
               .metrics = shared.metrics.worker(index),
               .pressure = shared.pressure,
               .access = shared.access != nullptr ? &shared.access->ring(index) : nullptr,
               .worker_index = index,
               .match = {.default_vhost = shared.settings.listen.default_vhost},
               .cors = cors_settings(shared.settings),
               .trusted_proxies = shared.settings.listen.trusted_proxies,
               .request_ids = {},
               .date = {}},
      passages_(context_),
      listener_(loop_, socket, *this) {
  limits = server_limits(shared.settings);
  loop_.observe_turns(&shared.metrics.worker(index));
}

Worker::~Worker() { assert(has_stopped_); }

void Worker::start() {
  thread_ = std::thread([this] {
    // Signals are the main thread's.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    pthread_setname_np(pthread_self(), fmt::format("worker-{}", context_.worker_index).c_str());
    {
      std::optional<Watchdog::Watch> watch;
      if (shared_.watchdog != nullptr)
        watch.emplace(*shared_.watchdog, loop_, context_.worker_index);
      loop_.run();
    }
    shared_.stopped();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::adopt(std::shared_ptr<const snapshot::Image> image) {
  wake_.post([this, image = std::move(image)] {
    const uint64_t epoch = image->epoch();
    live_images_.fetch_add(1, std::memory_order_relaxed);
    current_.adopt(image);
    epoch_.store(epoch, std::memory_order_relaxed);
    shared_.adopted(epoch);
  });
}

void Worker::open() {
  wake_.post([this] { listener_.open(); });
}

void Worker::drain() {
  wake_.post([this] { begin_drain(); });
}

void Worker::foretell(std::function<void(upstream::Balance balance, uint64_t now_ms)> tell) {
  wake_.post([this, tell = std::move(tell)] { tell(balance_, loop_.now_ms()); });
}

void Worker::press() {
  if (is_pressing_.exchange(true)) return;
  wake_.post([this] {
    is_pressing_.store(false);
    on_pressure();
  });
}

void Worker::on_pressure() {
  const PressureLevel level = shared_.pressure.level();
  is_short_of_memory = level >= PressureLevel::Closes;
  if (is_short_of_memory) {
    close_idle_connections();
    passages_.drop_idle();
  }
  if (level < PressureLevel::Stops) {
    listener_.resume();
  } else if (listener_.pause()) {
    context_.metrics.add(Counter::ShedAccepts);
  }
  if (level >= PressureLevel::Resets)
    reset_largest_connections(fault(FaultCode::Overloaded, "reset: short of memory"));
}

http::Visit* Worker::open_visit(http::ServerConnection& connection) {
  return &passages_.open(connection);
}

void Worker::begin_drain() {
  if (is_draining) return on_due();
  listener_.leave();
  if (shared_.settings.drain.timeout_ms > 0) loop_.arm_in(*this, shared_.settings.drain.timeout_ms);
  drain_connections();
  if (shared_.settings.drain.timeout_ms == 0) on_due();
}

// The bound of the drain.
void Worker::on_due() {
  if (!has_stopped_) abort_connections(fault(FaultCode::ClientGone, "the gateway stops"));
}

void Worker::on_drained_out() {
  if (has_stopped_) return;
  has_stopped_ = true;
  loop_.disarm(*this);
  pool_.leave();
  wake_.leave();
  loop_.stop();
}

}  // namespace apim::gate
