// What connections promise when memory is short: the largest go, no more than a bounded number at a
// time, and those that hold nothing stay.

#include "gate/connections.h"

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "dataplane/net/support_loop.h"

namespace apim::gate {
namespace {

constexpr size_t kClients = Connections::kResetsMax + 4;

// Has no visits: its clients never get as far as a request.
class Room final : public Connections {
 public:
  Room(net::Loop& loop, WorkerMetrics& metrics)
      : Connections(loop, {.in_all = 1000, .exempt = {}}, &metrics) {
    limits.first_byte_ms = limits.head_ms = 3'600'000;
  }
  http::Visit* open_visit(http::ServerConnection&) override { return nullptr; }
  void on_drained_out() override {}
  net::ListenerOwner& door() { return *this; }
};

TEST(Connections, TheLargestAreResetAndNoMoreThanABoundAtOnce) {
  net::Loop loop;
  Metrics metrics(1);
  Room room(loop, metrics.worker(0));
  std::vector<std::unique_ptr<test::RawSocket>> clients;
  for (size_t i = 0; i < kClients; ++i) {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    room.door().on_accepted(pair[0], {}, 0);
    clients.push_back(std::make_unique<test::RawSocket>(pair[1]));
    // Heads that never end, of different sizes in no order; the first client sends none.
    if (i > 0) clients[i]->send("GET /" + std::string(100 + i * 7 % kClients * 10, 'x'));
  }
  const auto has_read_all = [&] {
    for (const auto& client : clients) {
      int unread = 0;
      ::ioctl(client->descriptor(), SIOCOUTQ, &unread);
      if (unread > 0) return false;
    }
    return true;
  };
  net::run_until(loop, has_read_all);
  room.reset_largest_connections(fault(FaultCode::Overloaded, "test"));
  net::run_until(loop, [&] { return room.open_count() == kClients - Connections::kResetsMax; });
  EXPECT_EQ(metrics.sum().of(Counter::ShedConnections), Connections::kResetsMax);
  size_t smallest_cut = SIZE_MAX;
  size_t largest_kept = 0;
  for (size_t i = 0; i < kClients; ++i) {
    clients[i]->receive_more(0);
    const size_t size = i == 0 ? 0 : 105 + i * 7 % kClients * 10;
    if (clients[i]->has_ended() && !clients[i]->is_silent()) {
      smallest_cut = std::min(smallest_cut, size);
    } else {
      largest_kept = std::max(largest_kept, size);
    }
  }
  EXPECT_LT(largest_kept, smallest_cut);
  room.reset_largest_connections(fault(FaultCode::Overloaded, "test"));
  net::run_until(loop, [&] { return room.open_count() == 1; });
  room.reset_largest_connections(fault(FaultCode::Overloaded, "test"));
  EXPECT_EQ(metrics.sum().of(Counter::ShedConnections), kClients - 1);
  EXPECT_EQ(room.open_count(), 1U);
  room.abort_connections(fault(FaultCode::ClientGone, "test"));
  net::run_until(loop, [&] { return room.open_count() == 0; });
  net::run_out(loop);
}

}  // namespace
}  // namespace apim::gate
