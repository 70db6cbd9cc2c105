// What the pool promises: the bound holds, whoever waits longest comes first, and what is idle is
// used again.

#include "upstream/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "support/sockets.h"
#include "support_api.h"

namespace apim::upstream {
namespace {

struct User final : PoolUser {
  void on_connection(http::ClientConnection& given) override { connection = &given; }
  void on_no_connection(const Fault& why) override { code = why.code; }
  http::ClientConnection* connection = nullptr;
  FaultCode code = FaultCode::kCount;
};

class PoolTest : public testing::Test {
 protected:
  PoolTest()
      : backend_([](test::Backend&, test::RawSocket& socket) {
          while (socket.receive_more()) {
          }
        }) {
    flatbuffers::FlatBufferBuilder& builder = builder_;
    builder.Finish(
        fbs::CreateEndpointDirect(builder, 1, false, "127.0.0.1", backend_.port(), "x", ""));
  }
  ~PoolTest() override {
    pool_.leave();
    loop_.stop();
    loop_.run();
  }
  const fbs::Endpoint& endpoint() {
    return *flatbuffers::GetRoot<fbs::Endpoint>(builder_.GetBufferPointer());
  }
  void run_until(const std::function<bool()>& done) {
    while (!done()) uv_run(loop_.uv(), UV_RUN_ONCE);
  }
  http::ClientConnection* acquire(User& user, bool wants_new = false) {
    const auto at_once = pool_.acquire(endpoint(), user, wants_new);
    EXPECT_TRUE(at_once);
    return *at_once;
  }

  test::Backend backend_;
  flatbuffers::FlatBufferBuilder builder_;
  net::Loop loop_;
  net::Resolver resolver_{loop_};
  Metrics metrics_{1};
  Pool pool_{loop_,
             resolver_,
             nullptr,
             {.connect_ms = 5000, .idle_ms = 60'000, .connections_max = 2},
             metrics_.worker(0)};
};

TEST_F(PoolTest, OpensUpToItsBoundAndQueuesTheRest) {
  User users[4];
  EXPECT_EQ(acquire(users[0]), nullptr);
  EXPECT_EQ(acquire(users[1]), nullptr);
  run_until([&] { return users[0].connection != nullptr && users[1].connection != nullptr; });
  // The queue has the same bound as the connections.
  EXPECT_EQ(acquire(users[2]), nullptr);
  EXPECT_EQ(acquire(users[3]), nullptr);
  User fifth;
  EXPECT_EQ(pool_.acquire(endpoint(), fifth, false).error().code, FaultCode::Overloaded);
  // One of the two is lost: a new one is opened for whoever waits longest.
  users[0].connection->abandon();
  run_until([&] { return users[2].connection != nullptr; });
  EXPECT_EQ(users[3].connection, nullptr);
  pool_.cancel(users[3]);
  users[1].connection->abandon();
  users[2].connection->abandon();
  EXPECT_EQ(metrics_.sum().of(Gauge::UpstreamOpen), 0U);
  EXPECT_EQ(metrics_.sum().of(Counter::UpstreamOpened), 3U);
}

TEST_F(PoolTest, AConnectionNobodyTookIsIdleAndUsedNext) {
  User gone;
  EXPECT_EQ(acquire(gone), nullptr);
  pool_.cancel(gone);
  run_until([&] { return metrics_.sum().of(Gauge::UpstreamIdle) == 1; });
  User next;
  http::ClientConnection* connection = acquire(next);
  ASSERT_NE(connection, nullptr);
  EXPECT_EQ(metrics_.sum().of(Counter::UpstreamReused), 1U);
  EXPECT_EQ(metrics_.sum().of(Gauge::UpstreamIdle), 0U);
  connection->abandon();
}

TEST_F(PoolTest, AnIdleConnectionWithSomethingUnreadIsNotUsed) {
  for (const bool is_end : {false, true}) {
    std::atomic<int> connection_count = 0;
    std::atomic<bool> may_speak = false;
    std::atomic<bool> has_spoken = false;
    test::Backend backend([&](test::Backend&, test::RawSocket& socket) {
      const bool is_first = ++connection_count == 1;
      while (!may_speak) std::this_thread::yield();
      if (is_first && is_end) socket.end();
      if (is_first && !is_end) socket.send("HTTP/1.1 408 Request Timeout\r\n\r\n");
      has_spoken = true;
      while (socket.receive_more()) {
      }
    });
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(
        fbs::CreateEndpointDirect(builder, 3, false, "127.0.0.1", backend.port(), "x", ""));
    const auto& speaker = *flatbuffers::GetRoot<fbs::Endpoint>(builder.GetBufferPointer());
    User gone;
    EXPECT_EQ(*pool_.acquire(speaker, gone, false), nullptr);
    pool_.cancel(gone);
    run_until([&] { return metrics_.sum().of(Gauge::UpstreamIdle) == 1; });
    may_speak = true;
    while (!has_spoken) std::this_thread::yield();
    User next;
    EXPECT_EQ(*pool_.acquire(speaker, next, false), nullptr);
    EXPECT_EQ(metrics_.sum().of(Gauge::UpstreamOpen), 0U);
    run_until([&] { return next.connection != nullptr; });
    next.connection->abandon();
  }
  EXPECT_EQ(metrics_.sum().of(Counter::UpstreamReused), 0U);
}

TEST_F(PoolTest, NobodyWaitsForAFreeConnectionForEver) {
  Pool hasty(loop_, resolver_, nullptr,
             {.connect_ms = 100, .idle_ms = 60'000, .connections_max = 1}, metrics_.worker(0));
  User busy;
  EXPECT_EQ(*hasty.acquire(endpoint(), busy, false), nullptr);
  run_until([&] { return busy.connection != nullptr; });
  User waiting;
  EXPECT_EQ(*hasty.acquire(endpoint(), waiting, false), nullptr);
  run_until([&] { return waiting.code != FaultCode::kCount; });
  EXPECT_EQ(waiting.code, FaultCode::Overloaded);
  EXPECT_EQ(waiting.connection, nullptr);
  busy.connection->abandon();
  hasty.leave();
}

TEST_F(PoolTest, ARefusedConnectionIsToldToOneWaiter) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(
      fbs::CreateEndpointDirect(builder, 2, false, "127.0.0.1", test::closed_port(), "x", ""));
  User user;
  const auto* nobody = flatbuffers::GetRoot<fbs::Endpoint>(builder.GetBufferPointer());
  EXPECT_EQ(*pool_.acquire(*nobody, user, false), nullptr);
  run_until([&] { return user.code != FaultCode::kCount; });
  EXPECT_EQ(user.code, FaultCode::BackendRefused);
  EXPECT_EQ(metrics_.sum().of(Counter::UpstreamFailed), 1U);
}

}  // namespace
}  // namespace apim::upstream
