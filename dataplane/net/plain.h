// Plain: a TCP connection as a Stream.

#pragma once

#include <uv.h>

#include "base/result.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/tenancy.h"

namespace apim::net {

class PlainStream final : public Stream, private Later {
 public:
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
  Loop& loop() override { return loop_; }

  Tenancy<PlainStream, 1> tenancy;
  static void departed(PlainStream* self) { delete self; }

 private:
  struct Write;

  explicit PlainStream(Loop& loop) : loop_(loop) {}
  ~PlainStream() override = default;

  bool is_reset() const;
  void on_later() override;
  void on_read(ssize_t count, const uv_buf_t* buffer);
  void on_written(int status);
  void queue(std::span<const uv_buf_t> parts, size_t skip);
  void break_later(int error);
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp_); }

  Loop& loop_;
  uv_tcp_t tcp_;
  uv_connect_t connect_;
  int error_ = 0;
  bool is_reading_ = false;
};

}  // namespace apim::net
