#include "gate/connections.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace apim::gate {

bool Connections::is_counted(const Address& peer) const {
  if (caps_.per_address == SIZE_MAX) return false;
  for (const AddressRange& range : caps_.exempt) {
    if (range.holds(peer)) return false;
  }
  return true;
}

bool Connections::may_open(const Address& peer) {
  if (is_counted(peer) && by_address_.of(peer) >= caps_.per_address) return false;
  return open_count_ < caps_.in_all || make_room();
}

// One that waits between two requests goes, the oldest of those looked at.
bool Connections::make_room() {
  http::ServerConnection* each = last_;
  for (size_t looks = 0; each != nullptr && looks < kLooksMax; ++looks, each = each->previous) {
    if (!each->is_spare()) continue;
    each->abort(fault(FaultCode::ClientGone, "gave way to a new connection"));
    return true;
  }
  return false;
}

void Connections::on_accepted(int descriptor, const Address& peer, uint16_t peer_port) {
  if (!may_open(peer)) {
    ::close(descriptor);
    return on_turned_away();
  }
  const auto stream = net::PlainStream::adopt(loop_, descriptor);
  if (!stream) return on_turned_away();
  http::ServerConnection* connection =
      http::ServerConnection::open(*stream, *this, peer, peer_port);
  connection->next = first_;
  (first_ != nullptr ? first_->previous : last_) = connection;
  first_ = connection;
  ++open_count_;
  if (is_counted(peer)) by_address_.add(peer);
  tell_crowd();
  if (metrics_ == nullptr) return;
  metrics_->add(Counter::ConnectionsAccepted);
  metrics_->raise(Gauge::ConnectionsOpen);
}

void Connections::on_turned_away() {
  if (metrics_ != nullptr) metrics_->add(Counter::ConnectionsRefused);
}

void Connections::on_connection_closed(http::ServerConnection& connection) {
  (connection.previous != nullptr ? connection.previous->next : first_) = connection.next;
  (connection.next != nullptr ? connection.next->previous : last_) = connection.previous;
  assert(open_count_ > 0);
  --open_count_;
  if (is_counted(connection.peer())) by_address_.remove(connection.peer());
  tell_crowd();
  if (metrics_ != nullptr) metrics_->lower(Gauge::ConnectionsOpen);
  if (is_draining && open_count_ == 0) on_drained_out();
}

void Connections::drain_connections() {
  is_draining = true;
  if (open_count_ == 0) return on_drained_out();
  // Closing unlinks at the end of the turn only: the list holds still here.
  for (http::ServerConnection* each = first_; each != nullptr; each = each->next) each->drain();
}

void Connections::close_idle_connections() {
  size_t count = 0;
  for (http::ServerConnection* each = first_; each != nullptr && count < kClosesMax;
       each = each->next) {
    if (each->end_idle()) ++count;
  }
  if (metrics_ != nullptr) metrics_->add(Counter::ShedKeepAlive, count);
}

void Connections::reset_largest_connections(const Fault& why) {
  struct Held {
    size_t bytes;
    http::ServerConnection* connection;
  };
  // A heap whose top is the least of the largest so far.
  std::array<Held, kResetsMax> largest;
  auto end = largest.begin();
  const auto is_larger = [](const Held& a, const Held& b) { return a.bytes > b.bytes; };
  for (http::ServerConnection* each = first_; each != nullptr; each = each->next) {
    const size_t bytes = each->held_bytes();
    if (bytes == 0) continue;
    if (end == largest.end()) {
      if (bytes <= largest.front().bytes) continue;
      std::pop_heap(largest.begin(), end--, is_larger);
    }
    *end++ = {bytes, each};
    std::push_heap(largest.begin(), end, is_larger);
  }
  for (auto* each = largest.begin(); each != end; ++each) each->connection->reset(why);
  if (metrics_ != nullptr)
    metrics_->add(Counter::ShedConnections, static_cast<uint64_t>(end - largest.begin()));
}

void Connections::abort_connections(const Fault& why) {
  for (http::ServerConnection* each = first_; each != nullptr; each = each->next) each->abort(why);
}

}  // namespace apim::gate
