// What a backend connection promises: a response is whole or failed, and in doubt the connection is
// not used again.

#include "http/client.h"

#include <gtest/gtest.h>

#include "dataplane/net/support_loop.h"
#include "net/plain.h"

namespace apim::http {
namespace {

struct Home final : ClientHome {
  void on_idle(ClientConnection&) override { ++idle_count; }
  void on_closed(ClientConnection&) override { ++closed_count; }
  int idle_count = 0;
  int closed_count = 0;
};

struct User final : ClientUser {
  Arena& response_arena() override { return arena; }
  void on_response(ResponseHead& head) override { status = head.status; }
  void on_response_body(std::string_view bytes) override { body += bytes; }
  void on_response_end() override { ++end_count; }
  void on_response_failed(const Fault& why, bool none) override {
    code = why.code;
    nothing_came = none;
  }
  void on_request_room() override {}
  Arena arena;
  uint16_t status = 0;
  std::string body;
  int end_count = 0;
  FaultCode code = FaultCode::kCount;
  bool nothing_came = false;
};

const char* const kHead = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    backend_ = std::make_unique<test::RawSocket>(pair[1]);
    connection_ = ClientConnection::open(*net::PlainStream::adopt(loop_, pair[0]), home_, 60'000);
  }
  ~ClientTest() override {
    if (home_.closed_count == 0) connection_->abandon();
    net::run_out(loop_);
  }
  void ask(Method method = Method::Get, Framing framing = Framing::None,
           uint64_t response_ms = 10'000) {
    connection_->begin(user_, {.method = method, .framing = framing, .response_ms = response_ms},
                       kHead);
  }
  bool is_over() const { return user_.end_count > 0 || user_.code != FaultCode::kCount; }
  // The backend says `bytes`, all at once or byte by byte, and maybe ends.
  void say(std::string_view bytes, bool by_byte = false, bool ends = false) {
    for (size_t at = 0; at < bytes.size(); at += by_byte ? 1 : bytes.size()) {
      backend_->send(bytes.substr(at, by_byte ? 1 : bytes.size()));
      uv_run(loop_.uv(), UV_RUN_NOWAIT);
    }
    if (ends) backend_->end();
    net::run_until(loop_, [&] { return is_over(); });
  }

  net::Loop loop_;
  Home home_;
  User user_;
  std::unique_ptr<test::RawSocket> backend_;
  ClientConnection* connection_ = nullptr;
};

TEST_F(ClientTest, ReadsResponsesOneAfterTheOther) {
  for (const bool by_byte : {false, true}) {
    user_.body.clear();
    user_.end_count = 0;
    ask();
    say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        by_byte);
    EXPECT_EQ(user_.body, "abc");
    EXPECT_TRUE(connection_->is_idle());
    EXPECT_TRUE(connection_->is_used());
  }
  EXPECT_EQ(home_.idle_count, 2);
  EXPECT_EQ(backend_->receive_more(), true);
  EXPECT_EQ(backend_->text(), std::string(kHead) + kHead);
}

TEST_F(ClientTest, BodylessResponsesWaitForNothing) {
  ask(Method::Head);
  say("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  EXPECT_EQ(user_.end_count, 1);
  ask();
  say("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n");
  EXPECT_EQ(user_.end_count, 2);
  EXPECT_EQ(home_.idle_count, 2);
}

TEST_F(ClientTest, ExtraBytesSpoilTheConnectionNotTheResponse) {
  ask();
  say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(user_.end_count, 1);
  EXPECT_EQ(home_.closed_count, 1);
}

TEST_F(ClientTest, BytesWhileIdleSpoilTheConnection) {
  backend_->send("HTTP/1.1 200 OK\r\n\r\n");
  net::run_until(loop_, [&] { return home_.closed_count == 1; });
}

TEST_F(ClientTest, ACloseWhileIdleIsNoticed) {
  backend_->close();
  net::run_until(loop_, [&] { return home_.closed_count == 1; });
}

TEST_F(ClientTest, ACutResponseNeverLooksComplete) {
  ask();
  say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", false, true);
  EXPECT_EQ(user_.end_count, 0);
  EXPECT_EQ(user_.code, FaultCode::BackendClosed);
  EXPECT_FALSE(user_.nothing_came);
}

TEST_F(ClientTest, ACutChunkedResponseNeverLooksComplete) {
  ask();
  say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", false, true);
  EXPECT_EQ(user_.end_count, 0);
  EXPECT_EQ(user_.code, FaultCode::BackendClosed);
}

TEST_F(ClientTest, UntilCloseEndsWithTheConnection) {
  ask();
  say("HTTP/1.1 200 OK\r\n\r\nabc", false, true);
  EXPECT_EQ(user_.end_count, 1);
  EXPECT_EQ(user_.body, "abc");
  EXPECT_EQ(home_.closed_count, 1);
}

TEST_F(ClientTest, SilenceIsToldApartFromACutAnswer) {
  ask();
  say("", false, true);
  EXPECT_EQ(user_.code, FaultCode::BackendClosed);
  EXPECT_TRUE(user_.nothing_came);
}

TEST_F(ClientTest, ConnectionCloseIsHonoured) {
  ask();
  say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(home_.closed_count, 1);
  EXPECT_EQ(home_.idle_count, 0);
}

TEST_F(ClientTest, AnAnswerBeforeTheRequestIsCompleteSpoilsTheConnection) {
  ask(Method::Post, Framing::Length);
  connection_->send_body("part");
  say("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(user_.status, 413);
  EXPECT_EQ(user_.end_count, 1);
  EXPECT_EQ(home_.closed_count, 1);
}

TEST_F(ClientTest, NobodyAskedFor101) {
  ask();
  say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
  EXPECT_EQ(user_.code, FaultCode::BackendProtocol);
}

TEST_F(ClientTest, ASilentBackendTimesOut) {
  ask(Method::Get, Framing::None, 50);
  net::run_until(loop_, [&] { return is_over(); });
  EXPECT_EQ(user_.code, FaultCode::BackendTimeout);
}

}  // namespace
}  // namespace apim::http
