// Worker: one thread with its loop, listener, connections, backend pools and current image.
//
// Workers share the limit counters and, one after the other, the immutable
// images; nothing else. Other threads reach a worker through its wake only.
//
//   Running ── drain() ──> Draining ── last connection gone, or the bound ──> Stopped

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "base/config.h"
#include "gate/connections.h"
#include "gate/context.h"
#include "gate/passage.h"
#include "gate/watchdog.h"
#include "net/tls.h"
#include "net/wake.h"
#include "snapshot/current.h"
#include "snapshot/image.h"

namespace apim::gate {

// What the workers of a process have in common. Outlives them.
struct WorkerShared {
  const Settings& settings;
  throttle::Pools& counters;
  Metrics& metrics;
  size_t connections_max = 65536;                                      // Of one worker's clients.
  observe::AccessLog* access = nullptr;                                // Null: off.
  std::function<void(uint64_t epoch)> adopted;                         // Any thread.
  std::function<void(std::shared_ptr<const snapshot::Image>)> retire;  // Any thread.
  std::function<void()> stopped;  // The worker's last words, on its thread.
  Watchdog* watchdog = nullptr;   // Null: off.
  Pressure pressure{};
};

class Worker final : private Connections, private net::Deadline {
 public:
  // Takes the socket over. `tls` is this worker's own. Call start() exactly once.
  Worker(uint8_t index, const WorkerShared& shared, net::ListenSocket socket,
         std::unique_ptr<net::TlsContext> tls);
  ~Worker();

  void start();
  // Any thread, once: the socket listens now. For a socket that did not when it was given.
  void open();
  // Any thread, before join() returns.
  void adopt(std::shared_ptr<const snapshot::Image> image);
  // Any thread: stops accepting, finishes what runs within drain.timeout_ms, then stops. Again:
  // stops at once.
  void drain();
  void join();
  // Any thread, before join() returns: the pressure changed, or lasts. Several calls may be met by
  // one look at it.
  void press();
  // Any thread, before join() returns: `tell` runs on the worker's thread with a copy of what it
  // knows of its endpoints and its monotonic clock. Never, once the worker stops.
  void foretell(std::function<void(upstream::Balance balance, uint64_t now_ms)> tell);

  // Any thread.
  uint64_t epoch() const { return epoch_.load(std::memory_order_relaxed); }
  uint64_t live_images() const { return live_images_.load(std::memory_order_relaxed); }

 private:
  http::Visit* open_visit(http::ServerConnection& connection) override;
  void on_drained_out() override;
  void on_due() override;
  void begin_drain();
  void on_pressure();

  const WorkerShared& shared_;
  net::Loop loop_;
  net::Wake wake_;
  net::Resolver resolver_;
  std::unique_ptr<net::TlsContext> tls_;
  upstream::Pool pool_;
  upstream::Balance balance_;
  std::atomic<uint64_t> epoch_{0};
  std::atomic<uint64_t> live_images_{0};
  snapshot::Current current_;
  Context context_;
  Passages passages_;
  net::Listener listener_;
  bool has_stopped_ = false;
  std::atomic<bool> is_pressing_{false};  // press() was called and not followed yet.
  std::thread thread_;
};

}  // namespace apim::gate
