// Server: one client connection. Requests come in one after the other; each becomes a Visit.
//
//   Idle ─ Head ─ Body ─ Answering ──> Idle            the usual round
//                   └──────┴─ Draining ──> Idle        answered before its body was read
//                   └──────┴─ Lingering ──> Gone       answered, and the connection must end
//
// Pipelined requests are begun one at a time, so answers are in order. An idle
// connection holds no buffer. The connection frees itself at the end of the
// turn in which it is gone.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/address.h"
#include "base/arena.h"
#include "http/body.h"
#include "http/guard.h"
#include "http/h1_writer.h"
#include "http/head.h"
#include "net/loop.h"
#include "net/stream.h"

namespace apim::http {

class ServerConnection;

struct ServerLimits {
  HeadLimits head;
  uint64_t body_bytes_max = 64 * 1024 * 1024;
  uint64_t head_ms = 10'000;
  uint64_t idle_ms = 30'000;
  uint64_t body_idle_ms = 60'000;
  uint64_t first_byte_ms = 5'000;
  // The least rate of a body, either way, once it took longer than the grace. 0: none.
  uint64_t body_bytes_per_s = 240;
  uint64_t body_grace_ms = 10'000;
};

// One request under way. After on_gone(), end_response() or cut_response() the connection does not
// call it again.
class Visit {
 public:
  // Where the head's text goes; lives until the visit is over.
  virtual Arena& arena() = 0;
  virtual RequestHead& head() = 0;

  // The head is complete and sound. A body follows unless connection.request_is_complete().
  virtual void on_request() = 0;
  // Content of the body, framing removed. Lives until the end of the event.
  virtual void on_body(std::string_view bytes) = 0;
  virtual void on_body_end() = 0;
  // The request is broken (its head, its body's framing, its size, its slowness). The connection
  // will end: answer `why` if nothing was answered yet, else cut_response(). head() may be
  // incomplete.
  virtual void on_refused(const Fault& why) = 0;
  // The client is gone. Nothing can be said to it any more.
  virtual void on_gone(const Fault& why) = 0;
  // The connection takes response bytes again after is_congested().
  virtual void on_room() = 0;

 protected:
  ~Visit() = default;
};

// Where connections belong: a worker's gate, or the admin pages.
class ServerHost {
 public:
  // A visit for the request whose head just came. Null: none can be had; the connection closes.
  virtual Visit* open_visit(ServerConnection& connection) = 0;
  virtual void on_connection_closed(ServerConnection& connection) = 0;

  // How long a connection may wait for its next request.
  uint64_t idle_ms() const { return is_crowded ? limits.idle_ms / 8 + 1 : limits.idle_ms; }

  ServerLimits limits;
  bool is_draining = false;         // Answers say "Connection: close".
  bool is_short_of_memory = false;  // The same, for as long as it is so.
  bool is_crowded = false;          // Hardly any room for more connections.

 protected:
  ~ServerHost() = default;
};

// What follows a response's head.
struct BodyPlan {
  Framing framing =
      Framing::None;    // Chunked or UntilClose: length unknown; framed as the client can read it.
  uint64_t length = 0;  // Length only.
};

class ServerConnection final : private net::StreamOwner, private net::Deadline, private net::Later {
 public:
  // Owns itself and the stream from here on.
  static ServerConnection* open(net::Stream* stream, ServerHost& host, const Address& peer,
                                uint16_t peer_port);

  // ---- for the visit
  const Address& peer() const { return peer_; }
  uint16_t peer_port() const { return peer_port_; }
  net::Loop& loop() { return stream_->loop(); }
  bool request_is_complete() const { return body_.is_ended(); }

  // "100 Continue", once, if the client waits for it and its body has not begun.
  void send_continue();
  // `head` lacks its framing and Connection fields and its end: added here. False: it did not fit
  // or was not clean; nothing was sent. `head`'s text lives until the end of the event.
  bool begin_response(HeadWriter& head, const BodyPlan& plan);
  // `bytes` live until the end of the event.
  void send_body(std::string_view bytes);
  void end_response();
  // The connection ends with this response, for the rest of the request may never be read whole.
  // Call before begin_response().
  void close_after_response() { keeps_alive_ = false; }
  // The response cannot be completed: the client must see that it is cut.
  void cut_response();
  bool is_congested() { return stream_->is_congested(); }
  void pause_body();
  void resume_body();

  // ---- for the host
  bool is_idle() const { return phase_ == Phase::Idle; }
  bool is_between_requests() const { return phase_ == Phase::Idle && has_served_ && held_.empty(); }
  // So for a while: ended without harm.
  bool is_spare() { return is_between_requests() && loop().now_ms() >= idle_since_ms_ + kSpareMs; }
  // Ends the connection now. A visit under way is told.
  void abort(const Fault& why);
  // The same, and the client sees an error: nothing it got looks whole.
  void reset(const Fault& why);
  // Ends the connection as soon as no request is under way. One that waits in the socket, or the
  // first one of a new connection, is still answered if it comes within head_ms.
  void drain();
  // Ends the connection if it waits for its next request and none is on its way. True: it did.
  bool end_idle();
  // What is in memory for its client: what came early, and what was not sent yet.
  size_t held_bytes() const;

  ServerConnection* next = nullptr;  // The host's list.
  ServerConnection* previous = nullptr;

 private:
  enum class Phase : uint8_t { Idle, Head, Body, Answering, Draining, Lingering, Gone };
  static constexpr size_t kHeldBytesMax = 64 * 1024;
  static constexpr uint64_t kDrainBytesMax = 64 * 1024;
  static constexpr uint64_t kLingerBytesMax = 256 * 1024;
  static constexpr uint64_t kLingerMs = 2'000;
  static constexpr uint64_t kSpareMs = 1'000;      // A client in use asks again before.
  static constexpr uint64_t kDrainIdleMs = 1'000;  // A served, idle connection of a draining host.

  ServerConnection(net::Stream* stream, ServerHost& host) : stream_(stream), host_(host) {}
  ~ServerConnection() override = default;

  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void on_broken(int error) override;
  void on_drained() override;
  void on_shut() override;
  void on_due() override;
  void on_later() override;

  size_t consume(std::string_view bytes);
  bool take_head(std::string_view& bytes);
  void take_body(std::string_view& bytes);
  void begin(std::string_view text, uint32_t field_count);
  void consume_held();
  void hold(std::string_view bytes);
  void refuse(const Fault& why);
  void next_request();
  void linger();
  void close();
  void tell_gone(const char* what);
  void on_stalled();
  bool is_too_slow();

  net::Stream* stream_;
  ServerHost& host_;
  Visit* visit_ = nullptr;
  Pipe held_;  // Bytes that came early: a partial head, or requests to come.
  Address peer_;
  uint64_t body_bytes_ = 0;
  uint64_t linger_bytes_ = 0;
  uint64_t idle_since_ms_ = 0;    // Idle only.
  uint64_t body_since_ms_ = 0;    // When the body's clock began to run.
  uint64_t paused_since_ms_ = 0;  // When the visit last stopped it.
  size_t stalled_bytes_ = 0;      // What was queued when the write stall was last looked at.
  size_t scanned_bytes_ = 0;      // Of a partial head.
  BodyReader body_;
  Guard guard_{Guard::Kind::Request};
  uint16_t peer_port_ = 0;
  Phase phase_ = Phase::Idle;
  BodyPlan plan_;
  uint8_t minor_version_ = 1;
  bool keeps_alive_ = true;
  bool awaits_continue_ = false;
  bool is_chunking_ = false;      // The response's body is chunked.
  bool ends_by_closing_ = false;  // Or it ends with the connection.
  bool is_broken_ = false;        // Nothing more of what the client sends is understood.
  bool is_paused_ = false;        // The visit wants no body now.
  bool peer_ended_ = false;
  bool has_served_ = false;  // A request was answered, and another one may come.
};

}  // namespace apim::http
