// Stream: the seam between HTTP and bytes on a connection, plain or encrypted.
//
// A stream is a resident of its loop and frees itself some time after leave();
// from leave() on its owner hears nothing more. The owner may call leave() from
// any of its callbacks. Bytes written but not sent yet are lost at leave().

#pragma once

#include <sys/socket.h>
#include <uv.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "base/address.h"

namespace apim::net {

class Loop;

// One end of a connection, and what on it happened.
class StreamOwner {
 public:
  // The stream can be written to (outgoing connections only). For TLS: after the handshake and its
  // checks.
  virtual void on_connected() {}
  // `bytes` live until the call returns.
  virtual void on_bytes(std::string_view bytes) = 0;
  // The other end will send nothing more. For TLS: it said so in a way that cannot be forged.
  virtual void on_end() = 0;
  // The connection broke or never came up. `error` is libuv's. Nothing follows.
  virtual void on_broken(int error) = 0;
  // queued_bytes() fell below kLowBytes after it had been above kHighBytes.
  virtual void on_drained() {}
  // Everything written is in the kernel and the other end was told that nothing more comes.
  virtual void on_shut() {}

 protected:
  ~StreamOwner() = default;
};

class Stream {
 public:
  // With one read of the other side on top, what a slow reader may cost (Loop::kScratchBytes).
  static constexpr size_t kHighBytes = 16 * 1024;
  static constexpr size_t kLowBytes = 4 * 1024;

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Through the outbox: one writev for what one event says. See net/outbox.h for the life of
  // `bytes`.
  void put(std::string_view bytes);
  void put_copy(std::string_view bytes);

  // At once. What the socket does not take is copied and queued.
  virtual void write(std::span<const uv_buf_t> parts) = 0;
  // Bytes queued but not in the kernel yet (what the outbox holds does not count).
  virtual size_t queued_bytes() const = 0;
  // True above kHighBytes: stop feeding until on_drained().
  bool is_congested();

  // True when bytes, an end or an error wait that the owner has not heard of.
  virtual bool has_unread() const = 0;

  virtual void read_start() = 0;
  virtual void read_stop() = 0;
  // Says "nothing more" after everything written. Reading goes on.
  virtual void shutdown() = 0;
  // Closes, forgets the owner, and frees itself later.
  virtual void leave() = 0;
  // leave(), and the other end sees an error instead of an end.
  virtual void reset() = 0;

  virtual Loop& loop() = 0;
  void set_owner(StreamOwner* owner) { owner_ = owner; }

 protected:
  virtual ~Stream() = default;

  StreamOwner* owner_ = nullptr;
  bool was_congested_ = false;
};

}  // namespace apim::net
