// Connections: the client connections of one listener, and how they end in order.

#pragma once

#include <cstddef>

#include "base/metrics.h"
#include "http/server.h"
#include "net/listener.h"
#include "net/plain.h"

namespace apim::gate {

// Accepts into http::ServerConnection, counts, and drains. The derived class makes the visits.
class Connections : public http::ServerHost, public net::ListenerOwner {
 public:
  // `metrics` may be null (the admin port).
  Connections(net::Loop& loop, size_t connections_max, WorkerMetrics* metrics)
      : loop_(loop), connections_max_(connections_max), metrics_(metrics) {}
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  size_t open_count() const { return open_count_; }

  // Answers say "close" from now on; idle connections end at once, others after their request.
  void drain_connections();
  // Ends every connection now.
  void abort_connections(const Fault& why);

 protected:
  ~Connections() = default;
  // The last connection of a drained host is gone, or there was none.
  virtual void on_drained_out() = 0;

 private:
  void on_accepted(int descriptor, const Address& peer, uint16_t peer_port) override;
  void on_connection_closed(http::ServerConnection& connection) override;

  net::Loop& loop_;
  size_t connections_max_;
  WorkerMetrics* metrics_;
  http::ServerConnection* first_ = nullptr;
  size_t open_count_ = 0;
};

}  // namespace apim::gate
