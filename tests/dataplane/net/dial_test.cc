// What a dial promises: whose fault a failure is.

#include "net/dial.h"

#include "net/listener.h"
#include "support_loop.h"

namespace apim::net {
namespace {

struct Caller final : DialOwner {
  void on_dialed(Dial&, Stream* opened) override { stream = opened; }
  void on_dial_failed(Dial&, const Fault& why) override { code = why.code; }
  Stream* stream = nullptr;
  std::optional<FaultCode> code;
};

struct DialTest : testing::Test {
  ~DialTest() override {
    if (caller.stream != nullptr) caller.stream->leave();
    ::close(socket.descriptor);
    run_out(loop);
  }
  void dial() { Dial::start(loop, resolver, target, nullptr, caller); }

  Loop loop;
  Resolver resolver{loop};
  ListenSocket socket = *listen_socket("127.0.0.1", 0);
  DialTarget target{.host = "127.0.0.1", .port = socket.port};
  Caller caller;
};

TEST_F(DialTest, Connects) {
  dial();
  run_until(loop, [&] { return caller.stream != nullptr; });
}

TEST_F(DialTest, WhoDoesNotListenHasRefused) {
  target.port = bind_socket("127.0.0.1", 0)->port;
  dial();
  run_until(loop, [&] { return caller.code.has_value(); });
  EXPECT_EQ(caller.code, FaultCode::BackendRefused);
}

TEST_F(DialTest, WithoutADescriptorOfOurOwnNobodyHasRefused) {
  dial();
  run_until(loop, [&] { return caller.stream != nullptr; });
  const test::NoMoreDescriptors none;
  dial();
  run_until(loop, [&] { return caller.code.has_value(); });
  EXPECT_EQ(caller.code, FaultCode::Overloaded);
}

}  // namespace
}  // namespace apim::net
