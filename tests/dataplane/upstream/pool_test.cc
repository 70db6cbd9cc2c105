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

// Lets a user give up at the end of the turn.
class Canceller final : public net::Later {
 public:
  Canceller(Pool& pool, User& user) : pool_(pool), user_(user) {}
  void on_later() override { pool_.cancel(user_); }

 private:
  Pool& pool_;
  User& user_;
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
  void acquire(User& user, bool wants_new = false) {
    EXPECT_TRUE(pool_.acquire(endpoint(), user, wants_new));
  }
  // A connection is opened for a user who no longer waits when it is up.
  void open_for_nobody(const fbs::Endpoint& endpoint) {
    User gone;
    EXPECT_TRUE(pool_.acquire(endpoint, gone, false));
    Canceller canceller(pool_, gone);
    loop_.later(canceller);  // After the pool's own work of this turn, before the loop looks.
    run_until([&] { return metrics_.sum().of(Gauge::UpstreamIdle) == 1; });
    EXPECT_EQ(gone.connection, nullptr);
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
  acquire(users[0]);
  acquire(users[1]);
  run_until([&] { return users[0].connection != nullptr && users[1].connection != nullptr; });
  // The queue has the same bound as the connections.
  acquire(users[2]);
  acquire(users[3]);
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
  open_for_nobody(endpoint());
  User next;
  acquire(next);
  EXPECT_EQ(next.connection, nullptr);  // Never from inside.
  run_until([&] { return next.connection != nullptr; });
  EXPECT_EQ(metrics_.sum().of(Counter::UpstreamOpened), 1U);
  EXPECT_EQ(metrics_.sum().of(Gauge::UpstreamIdle), 0U);
  next.connection->abandon();
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
    open_for_nobody(speaker);
    may_speak = true;
    while (!has_spoken) std::this_thread::yield();
    User next;
    EXPECT_TRUE(pool_.acquire(speaker, next, false));
    run_until([&] { return next.connection != nullptr; });
    EXPECT_EQ(connection_count, 2);
    EXPECT_EQ(metrics_.sum().of(Gauge::UpstreamOpen), 1U);
    next.connection->abandon();
  }
}

TEST_F(PoolTest, NobodyWaitsForAFreeConnectionForEver) {
  Pool hasty(loop_, resolver_, nullptr,
             {.connect_ms = 100, .idle_ms = 60'000, .connections_max = 1}, metrics_.worker(0));
  User busy;
  EXPECT_TRUE(hasty.acquire(endpoint(), busy, false));
  run_until([&] { return busy.connection != nullptr; });
  User waiting;
  EXPECT_TRUE(hasty.acquire(endpoint(), waiting, false));
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
  EXPECT_TRUE(pool_.acquire(*nobody, user, false));
  run_until([&] { return user.code != FaultCode::kCount; });
  EXPECT_EQ(user.code, FaultCode::BackendRefused);
  EXPECT_EQ(metrics_.sum().of(Counter::UpstreamFailed), 1U);
}

}  // namespace
}  // namespace apim::upstream
