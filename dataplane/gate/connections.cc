#include "gate/connections.h"

#include <unistd.h>

#include <cassert>

namespace apim::gate {

void Connections::on_accepted(int descriptor, const Address& peer, uint16_t peer_port) {
  if (open_count_ >= connections_max_) {
    ::close(descriptor);
    if (metrics_ != nullptr) metrics_->add(Counter::ConnectionsRefused);
    return;
  }
  const auto stream = net::PlainStream::adopt(loop_, descriptor);
  if (!stream) {
    if (metrics_ != nullptr) metrics_->add(Counter::ConnectionsRefused);
    return;
  }
  http::ServerConnection* connection =
      http::ServerConnection::open(*stream, *this, peer, peer_port);
  connection->next = first_;
  if (first_ != nullptr) first_->previous = connection;
  first_ = connection;
  ++open_count_;
  if (metrics_ == nullptr) return;
  metrics_->add(Counter::ConnectionsAccepted);
  metrics_->raise(Gauge::ConnectionsOpen);
}

void Connections::on_connection_closed(http::ServerConnection& connection) {
  (connection.previous != nullptr ? connection.previous->next : first_) = connection.next;
  if (connection.next != nullptr) connection.next->previous = connection.previous;
  assert(open_count_ > 0);
  --open_count_;
  if (metrics_ != nullptr) metrics_->lower(Gauge::ConnectionsOpen);
  if (is_draining && open_count_ == 0) on_drained_out();
}

void Connections::drain_connections() {
  is_draining = true;
  if (open_count_ == 0) return on_drained_out();
  // Closing unlinks at the end of the turn only: the list holds still here.
  for (http::ServerConnection* each = first_; each != nullptr; each = each->next) each->drain();
}

void Connections::abort_connections(const Fault& why) {
  for (http::ServerConnection* each = first_; each != nullptr; each = each->next) each->abort(why);
}

}  // namespace apim::gate
