// Plain: a TCP connection as a Stream.
//
// libuv tells when there is something to read; recv and send are ours: read and writev would go
// through the kernel's file layer, a thirtieth of what relaying a small request costs.

#pragma once

#include <uv.h>

#include "base/result.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/tenancy.h"

namespace apim::net {

class PlainStream final : public Stream, private Later {
 public:
  // What one stream may read in a turn of its loop; the rest waits for the next one.
  static constexpr uint32_t kReadsPerTurnMax = 16;
  static constexpr size_t kReadBytesPerTurnMax = 256 * 1024;

  // Takes over an accepted, non-blocking socket (closed on a fault). Not reading yet.
  static Result<PlainStream*> adopt(Loop& loop, int descriptor);
  // Starts to connect. on_connected() or on_broken() follows, never from inside this call.
  static Result<PlainStream*> connect(Loop& loop, const sockaddr* address, StreamOwner* owner);

  void write(std::span<const uv_buf_t> parts) override;
  size_t queued_bytes() const override {
    return uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(&tcp_));
  }
  bool has_unread() const override;
  void read_start() override;
  void read_stop() override;
  void shutdown() override;
  void leave() override;
  void reset() override;
  Loop& loop() override { return loop_; }

  Tenancy<PlainStream, 1> tenancy;
  static void departed(PlainStream* self) { delete self; }

 private:
  struct Write;

  explicit PlainStream(Loop& loop) : loop_(loop) {}
  ~PlainStream() override = default;

  bool is_reset() const;
  bool may_read();
  void on_later() override;
  void on_readable();
  void on_read_fault(int error);
  void on_read_end();
  ssize_t send(std::span<const uv_buf_t> parts) const;
  ssize_t send_one(std::string_view bytes) const;
  void on_written(int status);
  void queue(std::span<const uv_buf_t> parts, size_t skip);
  void break_later(int error);
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp_); }

  Loop& loop_;
  uv_tcp_t tcp_;
  uv_connect_t connect_;
  int descriptor_ = -1;  // The handle's, which closes it.
  uint64_t read_turn_ = 0;
  size_t turn_bytes_ = 0;  // Read in that turn, and how often.
  uint32_t turn_reads_ = 0;
  int error_ = 0;
  bool is_reading_ = false;
};

}  // namespace apim::net
