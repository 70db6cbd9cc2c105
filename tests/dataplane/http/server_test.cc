// What a client connection promises: one request at a time, answers in order, bounds in time, a
// clean end.

#include "http/server.h"

#include <gmock/gmock.h>

#include <deque>

#include "dataplane/net/support_loop.h"
#include "net/plain.h"

namespace apim::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Answers "path|body", or what `script` says; writes down what happened.
class Room final : public ServerHost {
 public:
  class Guest final : public Visit {
   public:
    Guest(Room& room, ServerConnection& connection) : room_(room), connection_(connection) {}
    Arena& arena() override { return arena_; }
    RequestHead& head() override { return head_; }
    void on_request() override {
      room_.log += "[" + std::string(head_.target.path);
      if (head_.expects_continue && room_.answers_at_once) connection_.send_continue();
      if (connection_.request_is_complete() && room_.answers_at_once) answer();
    }
    void on_body(std::string_view bytes) override { body_ += bytes; }
    void on_body_end() override {
      if (room_.answers_at_once) answer();
    }
    void on_refused(const Fault& why) override {
      room_.log += "!" + std::string(text_of(why.code).name);
      status_ = text_of(why.code).http_status;
      answer();
    }
    void on_gone(const Fault&) override {
      room_.log += "x]";
      room_.forget(this);
    }
    void on_room() override {}

    void answer() {
      const std::string text = std::string(head_.target.path) + "|" + body_;
      std::array<char, 512> room;
      HeadWriter head(room);
      head.status_line(status_);
      EXPECT_TRUE(
          connection_.begin_response(head, {.framing = Framing::Length, .length = text.size()}));
      connection_.send_body(text);
      connection_.end_response();
      room_.log += "]";
      room_.forget(this);
    }

   private:
    Room& room_;
    ServerConnection& connection_;
    Arena arena_;
    RequestHead head_;
    std::string body_;
    uint16_t status_ = 200;
  };

  Visit* open_visit(ServerConnection& connection) override {
    guests.push_back(std::make_unique<Guest>(*this, connection));
    return guests.back().get();
  }
  void on_connection_closed(ServerConnection&) override { is_closed = true; }
  void forget(Guest* guest) {
    for (auto& each : guests) {
      if (each.get() == guest) dead.push_back(std::move(each));
    }
    std::erase(guests, nullptr);
  }

  std::string log;
  bool answers_at_once = true;
  bool is_closed = false;
  std::deque<std::unique_ptr<Guest>> guests;
  std::deque<std::unique_ptr<Guest>> dead;  // Kept: the caller's frames are still below.
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    client_ = std::make_unique<test::RawSocket>(pair[1]);
    descriptor_ = pair[0];
  }
  ~ServerTest() override {
    if (!room_.is_closed) connection_->abort(fault(FaultCode::ClientGone, "test over"));
    net::run_out(loop_);
    EXPECT_TRUE(room_.is_closed);
  }
  void open() {
    connection_ =
        ServerConnection::open(*net::PlainStream::adopt(loop_, descriptor_), room_, {}, 0);
  }
  // Turns until the client has got `text`.
  void expect_answer(const std::string& text) {
    net::run_until(loop_, [&] {
      client_->receive_more(1);
      return client_->text().find(text) != std::string::npos;
    });
  }
  void run_until(const std::function<bool()>& done) { net::run_until(loop_, done); }

  net::Loop loop_;
  Room room_;
  std::unique_ptr<test::RawSocket> client_;
  ServerConnection* connection_ = nullptr;
  int descriptor_ = -1;
};

TEST_F(ServerTest, BeginsARequestOnlyAfterTheAnswerBeforeIt) {
  room_.answers_at_once = false;
  open();
  client_->send(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 "
      "HTTP/1.1\r\nHost: a\r\n\r\n");
  for (const char* path : {"/1", "/2", "/3"}) {
    run_until([&] { return room_.guests.size() == 1; });
    EXPECT_TRUE(room_.log.ends_with(path)) << room_.log;
    room_.guests[0]->answer();
    expect_answer(std::string(path) + "|");
  }
  EXPECT_EQ(room_.log, "[/1][/2][/3]");
}

TEST_F(ServerTest, ByteByByteIsTheSame) {
  open();
  const std::string request =
      "\r\nPOST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (const char byte : request) {
    client_->send({&byte, 1});
    uv_run(loop_.uv(), UV_RUN_NOWAIT);
  }
  expect_answer("/p|abc");
  client_->send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_answer("/next|");
}

TEST_F(ServerTest, ASlowHeadIs408) {
  room_.limits.head_ms = 50;
  open();
  client_->send("GET / HTTP/1.1\r\nHo");
  expect_answer("HTTP/1.1 408 ");
  EXPECT_EQ(room_.log, "!RequestTimeout]");
}

TEST_F(ServerTest, ASlowBodyIs408) {
  room_.limits.body_idle_ms = 50;
  open();
  client_->send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  expect_answer("HTTP/1.1 408 ");
}

TEST_F(ServerTest, ABodyThatOnlyDripsIs408) {
  room_.limits.body_grace_ms = 50;
  room_.limits.body_bytes_per_s = 1'000'000;
  open();
  client_->send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  net::run_until(loop_, [&] {
    if (client_->text().empty()) client_->send("a");
    client_->receive_more(1);
    return client_->text().find("HTTP/1.1 408 ") != std::string::npos;
  });
}

TEST_F(ServerTest, ASilentClientIsNotWaitedFor) {
  room_.limits.first_byte_ms = 50;
  open();
  run_until([&] {
    client_->receive_more(1);
    return client_->has_ended();
  });
  EXPECT_EQ(room_.log, "");
}

TEST_F(ServerTest, WhereItIsCrowdedNobodyIdlesForLong) {
  room_.is_crowded = true;
  EXPECT_EQ(room_.idle_ms(), room_.limits.idle_ms / 8 + 1);
  room_.limits.idle_ms = 8;
  open();
  client_->send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  run_until([&] {
    client_->receive_more(1);
    return client_->has_ended();
  });
  EXPECT_THAT(client_->text(), HasSubstr("/1|"));
}

TEST_F(ServerTest, AnIdleConnectionEndsInSilence) {
  room_.limits.idle_ms = 50;
  open();
  client_->send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_answer("/1|");
  run_until([&] {
    client_->receive_more(1);
    return client_->has_ended();
  });
  EXPECT_EQ(room_.log, "[/1]");
}

TEST_F(ServerTest, AHalfClosedClientStillGetsItsAnswer) {
  room_.answers_at_once = false;
  open();
  client_->send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  client_->end();
  run_until([&] { return room_.guests.size() == 1; });
  for (int i = 0; i < 5; ++i) uv_run(loop_.uv(), UV_RUN_NOWAIT);
  room_.guests[0]->answer();
  expect_answer("/1|");
  run_until([&] { return room_.is_closed; });
}

TEST_F(ServerTest, AClientThatEndsInMidBodyIsGone) {
  open();
  client_->send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  run_until([&] { return !room_.guests.empty(); });
  client_->end();
  run_until([&] { return room_.is_closed; });
  EXPECT_EQ(room_.log, "[/px]");
}

TEST_F(ServerTest, TheRefusalReachesAClientThatKeepsSending) {
  open();
  client_->send("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZZ");
  for (int i = 0; i < 20; ++i) {
    client_->send(std::string(1000, 'x'));
    uv_run(loop_.uv(), UV_RUN_NOWAIT);
  }
  expect_answer("HTTP/1.1 400 ");
  EXPECT_FALSE(client_->was_reset());
}

TEST_F(ServerTest, ContinueIsSentOnceAndOnlyWhenAskedFor) {
  open();
  client_->send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  expect_answer("HTTP/1.1 100 Continue\r\n\r\n");
  client_->send("abc");
  expect_answer("/p|abc");
  EXPECT_EQ(client_->text().find("100 Continue"), client_->text().rfind("100 Continue"));
}

TEST_F(ServerTest, DrainingSaysClose) {
  room_.answers_at_once = false;
  open();
  client_->send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  run_until([&] { return room_.guests.size() == 1; });
  room_.is_draining = true;
  connection_->drain();
  room_.guests[0]->answer();
  expect_answer("Connection: close\r\n");
  client_->end();
  run_until([&] { return room_.is_closed; });
}

TEST_F(ServerTest, ShortOfMemoryItSaysCloseUntilThatIsOver) {
  open();
  client_->send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_answer("/1|");
  EXPECT_EQ(client_->text().find("Connection: close"), std::string::npos);
  room_.is_short_of_memory = true;
  client_->send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_answer("/2|");
  EXPECT_THAT(client_->text(), HasSubstr("Connection: close\r\n"));
  client_->end();
  run_until([&] { return room_.is_closed; });
}

TEST_F(ServerTest, OnlyAConnectionBetweenTwoRequestsEndsAsIdle) {
  open();
  EXPECT_FALSE(connection_->end_idle());  // Its first request may be on its way.
  client_->send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_answer("/1|");
  client_->send("GET /2 HT");
  EXPECT_FALSE(connection_->end_idle());  // A request waits in the socket.
  run_until([&] { return connection_->held_bytes() == 9; });
  EXPECT_FALSE(connection_->end_idle());
  client_->send("TP/1.1\r\nHost: a\r\n\r\n");
  expect_answer("/2|");
  EXPECT_EQ(connection_->held_bytes(), 0U);
  EXPECT_TRUE(connection_->end_idle());
  EXPECT_FALSE(connection_->end_idle());
  run_until([&] {
    client_->receive_more(1);
    return client_->has_ended();
  });
  client_->end();
  run_until([&] { return room_.is_closed; });
}

TEST_F(ServerTest, WhatTheClientDoesNotTakeIsHeld) {
  room_.answers_at_once = false;
  open();
  client_->send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  run_until([&] { return room_.guests.size() == 1; });
  std::array<char, 512> room;
  HeadWriter head(room);
  head.status_line(200);
  ASSERT_TRUE(connection_->begin_response(head, {.framing = Framing::Length, .length = 8'000'000}));
  const std::string body(4'000'000, 'x');
  connection_->send_body(body);
  loop_.outbox().flush();
  EXPECT_GT(connection_->held_bytes(), 1'000'000U);
  EXPECT_LT(connection_->held_bytes(), body.size());
  connection_->abort(fault(FaultCode::Overloaded, "short of memory"));
  EXPECT_EQ(connection_->held_bytes(), 0U);
  EXPECT_EQ(room_.log, "[/1x]");
  run_until([&] { return room_.is_closed; });
}

}  // namespace
}  // namespace apim::http
