// What listeners promise: the real port, shared by workers; nobody in the queue is dropped at the
// end.

#include "net/listener.h"

#include "support_loop.h"

namespace apim::net {
namespace {

struct Host final : ListenerOwner {
  void on_accepted(int descriptor, const Address& peer, uint16_t) override {
    EXPECT_EQ(to_text(peer), "127.0.0.1");
    sockets.push_back(std::make_unique<test::RawSocket>(descriptor));
  }
  void on_turned_away() override { ++turned_away; }
  std::vector<std::unique_ptr<test::RawSocket>> sockets;
  int turned_away = 0;
};

struct ListenerTest : testing::Test {
  ~ListenerTest() override { run_out(loop); }

  const ListenSocket socket = *listen_socket("127.0.0.1", 0);
  Loop loop;
  Host host;
  Listener listener{loop, socket, host};
};

TEST(Listener, AcceptsOnAFreePortThatTwoMayShare) {
  const auto first = listen_socket("127.0.0.1", 0);
  ASSERT_TRUE(first);
  EXPECT_NE(first->port, 0);
  const auto second = listen_socket("127.0.0.1", first->port);
  ASSERT_TRUE(second);
  ::close(second->descriptor);
  Loop loop;
  Host host;
  Listener listener(loop, *first, host);
  const auto client = test::RawSocket::connect(first->port);
  run_until(loop, [&] { return host.sockets.size() == 1; });
  listener.leave();
  run_out(loop);
}

TEST_F(ListenerTest, LeavingTakesWhoeverWaits) {
  std::vector<std::unique_ptr<test::RawSocket>> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(test::RawSocket::connect(socket.port));
  listener.leave();
  EXPECT_EQ(host.sockets.size(), 5U);
  EXPECT_EQ(test::RawSocket::connect(socket.port), nullptr);
}

TEST_F(ListenerTest, WhoComesDuringAPauseWaitsForItsEnd) {
  EXPECT_FALSE(listener.resume());
  EXPECT_TRUE(listener.pause());
  EXPECT_FALSE(listener.pause());
  const auto client = test::RawSocket::connect(socket.port);
  for (int i = 0; i < 10; ++i) uv_run(loop.uv(), UV_RUN_NOWAIT);
  EXPECT_TRUE(host.sockets.empty());
  EXPECT_TRUE(listener.resume());
  run_until(loop, [&] { return host.sockets.size() == 1; });
  EXPECT_TRUE(listener.pause());
  const auto last = test::RawSocket::connect(socket.port);
  listener.leave();
  EXPECT_EQ(host.sockets.size(), 2U);
  EXPECT_FALSE(listener.resume());
}

TEST_F(ListenerTest, OutOfDescriptorsItTurnsClientsAwayAndSaysSo) {
  const auto first = test::RawSocket::connect(socket.port);
  run_until(loop, [&] { return host.sockets.size() == 1; });
  const auto client = test::RawSocket::connect(socket.port);
  {
    const test::NoMoreDescriptors none;
    run_until(loop, [&] { return host.turned_away == 1; });
  }
  EXPECT_FALSE(client->receive_more());
  EXPECT_EQ(host.sockets.size(), 1U);
  const auto next = test::RawSocket::connect(socket.port);
  run_until(loop, [&] { return host.sockets.size() == 2; });
  listener.leave();
}

TEST(Listener, BoundOnlyItIsSentNothing) {
  const auto serving = listen_socket("127.0.0.1", 0);
  ASSERT_TRUE(serving);
  auto waiting = bind_socket("127.0.0.1", serving->port);
  ASSERT_TRUE(waiting);
  Loop loop;
  Host old_host;
  Host new_host;
  Listener old_listener(loop, *serving, old_host);
  Listener new_listener(loop, *waiting, new_host);
  std::vector<std::unique_ptr<test::RawSocket>> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(test::RawSocket::connect(serving->port));
  run_until(loop, [&] { return old_host.sockets.size() == 20; });
  EXPECT_TRUE(new_host.sockets.empty());
  ASSERT_TRUE(start_listening(*waiting));
  new_listener.open();
  old_listener.leave();
  clients.push_back(test::RawSocket::connect(serving->port));
  ASSERT_NE(clients.back(), nullptr);
  run_until(loop, [&] { return new_host.sockets.size() == 1; });
  new_listener.leave();
  run_out(loop);
}

TEST(Listener, RefusesWhatIsNoAddress) {
  EXPECT_FALSE(listen_socket("localhost", 0));
  EXPECT_FALSE(listen_socket("203.0.113.1", 0));  // Nobody's here.
}

}  // namespace
}  // namespace apim::net
