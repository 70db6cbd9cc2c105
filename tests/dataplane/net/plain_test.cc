// What plain streams promise: bytes in order both ways, congestion told, one writev for an event, a
// clean leave.

#include "net/plain.h"

#include <csignal>

#include "support_loop.h"

namespace apim::net {
namespace {

// A stream connected to `peer`'s other end.
PlainStream* adopt_pair(Loop& loop, std::unique_ptr<test::RawSocket>& peer) {
  int pair[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  peer = std::make_unique<test::RawSocket>(pair[1]);
  return *PlainStream::adopt(loop, pair[0]);
}

TEST(Plain, CarriesBytesBothWaysAndTheEnd) {
  test::Backend backend([](test::Backend&, test::RawSocket& socket) {
    socket.receive_more();
    socket.send("answer to " + socket.text());
  });
  Loop loop;
  Recorder recorder;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(backend.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  PlainStream* stream =
      *PlainStream::connect(loop, reinterpret_cast<sockaddr*>(&address), &recorder);
  run_until(loop, [&] { return recorder.is_connected; });
  stream->read_start();
  stream->put("one ");
  stream->put_copy(std::string("two"));
  run_until(loop, [&] { return recorder.has_ended; });
  EXPECT_EQ(recorder.text, "answer to one two");
  stream->leave();
  run_out(loop);
}

TEST(Plain, ARefusedConnectionIsBroken) {
  Loop loop;
  Recorder recorder;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(test::closed_port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  PlainStream* stream =
      *PlainStream::connect(loop, reinterpret_cast<sockaddr*>(&address), &recorder);
  run_until(loop, [&] { return recorder.error != 0; });
  EXPECT_EQ(recorder.error, UV_ECONNREFUSED);
  stream->leave();
  run_out(loop);
}

TEST(Plain, TellsCongestionAndItsEnd) {
  Loop loop;
  Recorder recorder;
  std::unique_ptr<test::RawSocket> peer;
  PlainStream* stream = adopt_pair(loop, peer);
  stream->set_owner(&recorder);
  const std::string block(1'000'000, 'x');
  const uv_buf_t part = part_of(block);
  stream->write({&part, 1});
  EXPECT_TRUE(stream->is_congested());
  size_t received = 0;
  run_until(loop, [&] {
    peer->receive_more();
    received = peer->text().size();
    return received == block.size();
  });
  run_until(loop, [&] { return recorder.drained_count == 1; });
  EXPECT_FALSE(stream->is_congested());
  EXPECT_EQ(peer->text(), block);
  stream->leave();
  run_out(loop);
}

TEST(Plain, OneStreamReadsSoMuchATurnAndNoMore) {
  Loop loop;
  Recorder recorder;
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
  PlainStream* stream = *PlainStream::adopt(loop, pair[0]);
  stream->set_owner(&recorder);
  stream->read_start();
  const std::string block(PlainStream::kReadBytesPerTurnMax, 'x');
  size_t sent = 0;
  size_t seen = 0;
  // A peer that always has more: what is read grows by bounded steps.
  while (seen < 8 * block.size()) {
    const ssize_t count = ::send(pair[1], block.data(), block.size(), MSG_NOSIGNAL);
    if (count > 0) sent += static_cast<size_t>(count);
    uv_run(loop.uv(), UV_RUN_NOWAIT);
    EXPECT_LE(recorder.text.size() - seen, block.size() + Loop::kScratchBytes);
    seen = recorder.text.size();
  }
  EXPECT_LE(seen, sent);
  stream->leave();
  ::close(pair[1]);
  run_out(loop);
}

TEST(Plain, ManySmallReadsAreOneTurnsWorkToo) {
  Loop loop;
  Recorder recorder;
  int pair[2];
  // Each read takes one packet of such a socket.
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
  PlainStream* stream = *PlainStream::adopt(loop, pair[0]);
  stream->set_owner(&recorder);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(::send(pair[1], "x", 1, 0), 1);
  stream->read_start();
  uv_run(loop.uv(), UV_RUN_NOWAIT);
  EXPECT_LE(recorder.text.size(), PlainStream::kReadsPerTurnMax);
  run_until(loop, [&] { return recorder.text.size() == 100; });
  stream->leave();
  ::close(pair[1]);
  run_out(loop);
}

TEST(Plain, AnOwnerHearsNothingAfterLeave) {
  Loop loop;
  Recorder recorder;
  std::unique_ptr<test::RawSocket> peer;
  PlainStream* stream = adopt_pair(loop, peer);
  stream->set_owner(&recorder);
  stream->read_start();
  peer->send("too late");
  stream->put("never sent");
  stream->leave();
  run_out(loop);
  EXPECT_EQ(recorder.text, "");
  EXPECT_FALSE(peer->receive_more());
  EXPECT_EQ(peer->text(), "");
}

TEST(Plain, AWriteToAGonePeerIsBrokenLater) {
  Loop loop;
  Recorder recorder;
  std::unique_ptr<test::RawSocket> peer;
  PlainStream* stream = adopt_pair(loop, peer);
  stream->set_owner(&recorder);
  peer->close();
  const std::string text = "x";
  const uv_buf_t part = part_of(text);
  std::signal(SIGPIPE, SIG_IGN);
  stream->write({&part, 1});
  EXPECT_EQ(recorder.error, 0);  // Never from inside the call.
  run_until(loop, [&] { return recorder.error != 0; });
  stream->leave();
  run_out(loop);
}

TEST(Plain, KnowsWhenBytesWait) {
  Loop loop;
  std::unique_ptr<test::RawSocket> peer;
  PlainStream* stream = adopt_pair(loop, peer);
  EXPECT_FALSE(stream->has_unread());
  peer->send("x");
  EXPECT_TRUE(stream->has_unread());
  stream->leave();
  run_out(loop);
}

TEST(Plain, ShutdownComesAfterEverythingWritten) {
  Loop loop;
  Recorder recorder;
  std::unique_ptr<test::RawSocket> peer;
  PlainStream* stream = adopt_pair(loop, peer);
  stream->set_owner(&recorder);
  stream->put("last words");
  stream->shutdown();
  run_until(loop, [&] { return recorder.is_shut; });
  EXPECT_EQ(peer->receive_all(), "last words");
  stream->leave();
  run_out(loop);
}

}  // namespace
}  // namespace apim::net
