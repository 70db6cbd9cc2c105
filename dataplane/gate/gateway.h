// Gateway: the process. Workers, keeper, admin port and signals, and the order in which they begin
// and end.
//
//   begin: sockets, keys and logs (errors end the start) > workers > keeper > "listening"
//            --replaces: they listen, and the old process drains, only when all serve a snapshot
//   end:   SIGTERM > workers drain > keeper stops > admin port closes

#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "gate/admin_server.h"
#include "gate/cache_lock.h"
#include "gate/ceiling.h"
#include "gate/takeover.h"
#include "gate/watchdog.h"
#include "gate/why.h"
#include "gate/worker.h"
#include "net/signals.h"
#include "net/wake.h"
#include "observe/access.h"
#include "snapshot/keeper.h"
#include "throttle/pool.h"

namespace apim::gate {

class Gateway final : private net::SignalOwner {
 public:
  // `replaces`: the process to take over from; 0: none.
  explicit Gateway(const Settings& settings, pid_t replaces = 0);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Takes what the settings name; nothing runs yet. The error is one line for people.
  std::expected<void, std::string> open();

  // Serves until a signal says stop. Prints the ready line. False: nothing to serve within
  // snapshot.takeover_ms, and the process to replace goes on.
  [[nodiscard]] bool run();

  uint16_t http_port() const { return http_port_; }
  uint16_t admin_port() const { return admin_port_; }

 private:
  void on_signal(int number) override;
  bool begin_serving();
  void give_up();
  void tell_ready() const;
  void begin_stop();
  void on_worker_stopped();
  void end_stop();
  void close_sockets();
  std::expected<void, std::string> open_sockets(size_t worker_count);
  std::expected<void, std::string> open_keeper(size_t worker_count);
  AdminPage admin(const AdminRequest& request) const;
  AdminPage why(const AdminRequest& request, const AdminState& state) const;
  std::vector<WorkerChoice> choices(const ChoiceQuestion& question) const;
  size_t raise_descriptor_limit() const;  // What it is then.
  void start_watchdog();
  void start_ceiling();

  const Settings& settings_;
  net::Loop loop_;
  net::Wake wake_;
  net::Signals signals_;
  std::string id_;
  throttle::Pools counters_;
  Metrics metrics_;
  std::unique_ptr<observe::AccessLog> access_;
  std::unique_ptr<snapshot::Keeper> keeper_;
  WorkerShared shared_;
  std::unique_ptr<Ceiling> ceiling_;  // Null: off.
  // One a worker, then the admin port's. Not ours any more once run() began.
  std::vector<net::ListenSocket> sockets_;
  std::vector<std::unique_ptr<net::TlsContext>> tls_;
  std::unique_ptr<Watchdog> watchdog_;  // Null: off.
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<AdminServer> admin_;
  size_t running_count_ = 0;
  uint16_t http_port_ = 0;
  uint16_t admin_port_ = 0;
  pid_t replaces_;
  Predecessor predecessor_;
  CacheLock cache_lock_;
  Takeover takeover_;
  bool has_given_up_ = false;
  bool is_stopping_ = false;
  bool is_replaced_ = false;  // Another process serves the address: SIGUSR1.
  bool has_run_ = false;
};

}  // namespace apim::gate
