// Connections: the client connections of one listener, and how they end in order.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/metrics.h"
#include "gate/address_counts.h"
#include "http/server.h"
#include "net/listener.h"
#include "net/plain.h"

namespace apim::gate {

// How many at one time.
struct ConnectionCaps {
  size_t in_all = 65536;
  size_t per_address = SIZE_MAX;
  std::span<const AddressRange> exempt;  // From the second; outlives the connections.
};

// Accepts into http::ServerConnection, counts, caps and drains. The derived class makes the visits.
class Connections : public http::ServerHost, public net::ListenerOwner {
 public:
  static constexpr size_t kClosesMax = 4096;
  static constexpr size_t kResetsMax = 16;

  // `metrics` may be null (the admin port).
  Connections(net::Loop& loop, const ConnectionCaps& caps, WorkerMetrics* metrics)
      : loop_(loop), caps_(caps), metrics_(metrics) {}
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  size_t open_count() const { return open_count_; }

  // Answers say "close" from now on; idle connections end soon, others after their request.
  void drain_connections();
  // Ends idle connections whose next request is not on its way, at most kClosesMax.
  void close_idle_connections();
  // Ends those connections that hold the most bytes, at most kResetsMax; one that holds none stays.
  void reset_largest_connections(const Fault& why);
  // Ends every connection now.
  void abort_connections(const Fault& why);

 protected:
  ~Connections() = default;
  // The last connection of a drained host is gone, or there was none.
  virtual void on_drained_out() = 0;

 private:
  void on_accepted(int descriptor, const Address& peer, uint16_t peer_port) override;
  void on_turned_away() override;
  void on_connection_closed(http::ServerConnection& connection) override;

  static constexpr size_t kLooksMax = 64;

  bool may_open(const Address& peer);
  bool make_room();
  bool is_counted(const Address& peer) const;
  void tell_crowd() { is_crowded = open_count_ > caps_.in_all / 5 * 4; }

  net::Loop& loop_;
  ConnectionCaps caps_;
  WorkerMetrics* metrics_;
  AddressCounts by_address_;
  http::ServerConnection* first_ = nullptr;
  http::ServerConnection* last_ = nullptr;  // Opened before all others.
  size_t open_count_ = 0;
};

}  // namespace apim::gate
