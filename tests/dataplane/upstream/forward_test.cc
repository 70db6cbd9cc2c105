// What a leg promises: one answer or one failure, whatever the backend does, and silence after
// abandon().

#include "upstream/forward.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/sockets.h"
#include "support_api.h"

namespace apim::upstream {
namespace {

const char* const kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

struct Owner final : LegOwner {
  void on_forwarded() override { ++forwarded_count; }
  void on_response(http::ResponseHead& head) override { status = head.status; }
  void on_response_body(std::string_view bytes) override { body += bytes; }
  void on_response_end() override { has_ended = true; }
  void on_leg_failed(const Fault& why) override { code = why.code; }
  void on_request_room() override {}
  int forwarded_count = 0;
  uint16_t status = 0;
  std::string body;
  bool has_ended = false;
  FaultCode code = FaultCode::kCount;
};

// A loop, a pool and one exchange towards a scripted backend.
class LegTest : public testing::Test {
 protected:
  ~LegTest() override {
    leg_.abandon();
    pool_.leave();
    loop_.stop();
    loop_.run();
  }
  void aim(uint16_t port) {
    endpoint_ = std::make_unique<ApiUnderTest>(fbs::Balance::Single,
                                               std::vector<EndpointSpec>{{.key = port}});
    // The hand-made API says port 80; the real one is free.
    const_cast<fbs::Endpoint&>(endpoint_->endpoint()).mutate_port(port);
    x_.route.api = &endpoint_->api();
    x_.shape.resource = "/a";
    x_.request.authority = "h";
  }
  Verdict start() { return forward(x_, leg_, upstreams_, owner_); }
  void run_until(const std::function<bool()>& done) {
    while (!done()) uv_run(loop_.uv(), UV_RUN_ONCE);
  }

  net::Loop loop_;
  net::Resolver resolver_{loop_};
  Metrics metrics_{1};
  Pool pool_{loop_, resolver_, nullptr, {}, metrics_.worker(0)};
  Balance balance_;
  Upstreams upstreams_{.loop = loop_,
                       .pool = pool_,
                       .balance = balance_,
                       .metrics = metrics_.worker(0),
                       .response_ms = 5000};
  std::unique_ptr<ApiUnderTest> endpoint_;
  Exchange x_;
  Owner owner_;
  Leg leg_;
};

TEST_F(LegTest, BringsTheAnswer) {
  test::Backend backend(test::Backend::answering([](const std::string&) { return kOk; }));
  aim(backend.port());
  EXPECT_EQ(start(), Verdict::Wait);
  run_until([&] { return owner_.has_ended; });
  EXPECT_EQ(owner_.status, 200);
  EXPECT_EQ(owner_.body, "hello");
  EXPECT_EQ(owner_.forwarded_count, 1);
  EXPECT_FALSE(leg_.is_under_way());
  EXPECT_EQ(x_.upstream.attempts, 1);
  EXPECT_NE(x_.timings.first_byte, 0U);
}

TEST_F(LegTest, KeepsABodyThatCameBeforeTheConnection) {
  test::Backend backend(test::Backend::answering([](const std::string&) { return kOk; }));
  aim(backend.port());
  x_.shape.method = http::Method::Post;
  x_.request.framing = http::Framing::Length;
  x_.request.content_length = 10;
  EXPECT_EQ(start(), Verdict::Wait);
  leg_.send_body("early");
  leg_.send_body("-body");
  leg_.end_body();
  run_until([&] { return owner_.has_ended; });
  EXPECT_TRUE(backend.requests()[0].ends_with("\r\n\r\nearly-body"));
}

TEST_F(LegTest, ABodyOfLengthZeroEndsWithItsHead) {
  test::Backend backend(test::Backend::answering([](const std::string&) { return kOk; }));
  aim(backend.port());
  x_.shape.method = http::Method::Post;
  x_.request.framing = http::Framing::Length;
  for (int i = 0; i < 2; ++i) {
    owner_ = {};
    EXPECT_EQ(start(), Verdict::Wait);
    run_until([&] { return owner_.has_ended; });
  }
  EXPECT_EQ(backend.connection_count(), 1U);
  EXPECT_EQ(backend.requests().size(), 2U);
}

TEST_F(LegTest, FailsOnceWhenNobodyAnswers) {
  aim(test::closed_port());
  EXPECT_EQ(start(), Verdict::Wait);
  run_until([&] { return owner_.code != FaultCode::kCount; });
  EXPECT_EQ(owner_.code, FaultCode::BackendRefused);
  EXPECT_FALSE(leg_.is_under_way());
}

TEST_F(LegTest, IsSilentAfterAbandon) {
  test::Backend backend([](test::Backend&, test::RawSocket& socket) {
    while (socket.receive_more()) {
    }
  });
  aim(backend.port());
  EXPECT_EQ(start(), Verdict::Wait);
  run_until([&] { return owner_.forwarded_count == 1; });
  leg_.abandon();
  leg_.abandon();
  run_until([&] { return metrics_.sum().of(Gauge::UpstreamOpen) == 0; });
  EXPECT_EQ(owner_.status, 0);
  EXPECT_EQ(owner_.code, FaultCode::kCount);
}

TEST_F(LegTest, WithoutAnEndpointOfThatKindItAnswers) {
  aim(80);
  x_.principal.key_type = fbs::KeyType::Sandbox;
  EXPECT_EQ(start(), Verdict::Answer);
  EXPECT_EQ(x_.answer.code, FaultCode::NoSandboxEndpoint);
}

TEST_F(LegTest, ConsumesInterimAnswersButNotForEver) {
  std::string interims;
  for (int i = 0; i < 3; ++i)
    interims += "HTTP/1.1 103 Early\r\nLink: x\r\nContent-Length: 5\r\n\r\n";
  test::Backend patient(
      test::Backend::answering([&](const std::string&) { return interims + kOk; }));
  aim(patient.port());
  EXPECT_EQ(start(), Verdict::Wait);
  run_until([&] { return owner_.has_ended; });
  EXPECT_EQ(owner_.status, 200);
  for (int i = 0; i < 3; ++i) interims += interims;
  owner_ = {};
  test::Backend storm(test::Backend::answering([&](const std::string&) { return interims + kOk; }));
  aim(storm.port());
  EXPECT_EQ(start(), Verdict::Wait);
  run_until([&] { return owner_.code != FaultCode::kCount; });
  EXPECT_EQ(owner_.code, FaultCode::BackendProtocol);
}

}  // namespace
}  // namespace apim::upstream
