// Client: one connection to a backend. One request at a time; kept open between them.
//
//   Idle ── begin() ──> AwaitingHead ──> Body ──> Idle (home.on_idle) or Gone (home.on_closed)
//
// In doubt a connection is not used again: bytes nobody asked for, a response
// before the request was complete, a framing it cannot survive. A response that
// is cut never looks complete. Frees itself at the end of the turn it is gone in.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "http/body.h"
#include "http/guard.h"
#include "http/head.h"
#include "net/loop.h"
#include "net/stream.h"

namespace apim::http {

class ClientConnection;

// Who sent the request. After on_response_end() and on_response_failed() it is not called again.
class ClientUser {
 public:
  // Where the response head's text goes; lives until the response is over.
  virtual Arena& response_arena() = 0;
  virtual void on_response(ResponseHead& head) = 0;
  // Framing removed. Lives until the end of the event.
  virtual void on_response_body(std::string_view bytes) = 0;
  virtual void on_response_end() = 0;
  // The connection is gone. `nothing_came`: not one byte of a response arrived.
  virtual void on_response_failed(const Fault& why, bool nothing_came) = 0;
  // The connection takes request bytes again after is_congested().
  virtual void on_request_room() = 0;

 protected:
  ~ClientUser() = default;
};

// Where the connection is kept: a pool.
class ClientHome {
 public:
  virtual void on_idle(ClientConnection& connection) = 0;
  // Idle or busy, it is gone. Called once, before the user hears of it.
  virtual void on_closed(ClientConnection& connection) = 0;

 protected:
  ~ClientHome() = default;
};

struct ClientRequest {
  Method method = Method::Get;
  // None, Length or Chunked. None also when the length is 0: no end_body() need follow.
  Framing framing = Framing::None;
  uint64_t response_ms = 15'000;  // From the request to the whole head; then between signs of life.
};

class ClientConnection final : private net::StreamOwner, private net::Deadline, private net::Later {
 public:
  // Takes over a connected stream. Idle; belongs to `home` until on_closed().
  static ClientConnection* open(net::Stream* stream, ClientHome& home, uint64_t idle_ms);

  // ---- for the user
  // Precondition: idle. `head` is the whole head; it and `user` live until the response is over.
  void begin(ClientUser& user, const ClientRequest& request, std::string_view head);
  // `bytes` live until the end of the event.
  void send_body(std::string_view bytes);
  void end_body();
  bool is_congested() { return stream_->is_congested(); }
  void pause_response();
  void resume_response();
  // The user lost interest: the connection ends, the user is not called again.
  void abandon();

  // ---- for the home
  bool is_idle() const { return phase_ == Phase::Idle; }
  // True once a response was read from it.
  bool is_used() const { return is_used_; }
  // True: an idle connection on which bytes or an end wait to be read. Not to be used.
  bool has_unread() const { return stream_->has_unread(); }
  // Ends an idle connection; on_closed() is not called.
  void retire();
  uint64_t idle_since_ms() const { return idle_since_ms_; }
  ClientConnection* next_idle = nullptr;
  ClientConnection** idle_link = nullptr;  // The home's pointer to it; null: in no list.

 private:
  enum class Phase : uint8_t { Idle, AwaitingHead, Body, Gone };
  static constexpr uint32_t kInterimsMax = 8;

  ClientConnection(net::Stream* stream, ClientHome& home, uint64_t idle_ms)
      : stream_(stream), home_(home), idle_ms_(idle_ms) {}
  ~ClientConnection() override = default;

  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void on_broken(int error) override;
  void on_drained() override;
  void on_due() override;
  void on_later() override;

  bool take_head(std::string_view& bytes);
  void take_parsed(std::string_view text, uint32_t field_count);
  void take_body(std::string_view& bytes);
  void end_response(bool has_rest);
  void fail(const Fault& why);
  void close();

  net::Stream* stream_;
  ClientHome& home_;
  ClientUser* user_ = nullptr;
  Pipe held_;  // A partial head.
  BodyReader body_;
  Guard guard_{Guard::Kind::Response};
  uint64_t idle_ms_;
  uint64_t idle_since_ms_ = 0;
  ClientRequest request_;
  uint32_t interim_count_ = 0;
  Phase phase_ = Phase::Idle;
  bool request_ended_ = true;
  bool keeps_alive_ = true;  // What the response said.
  bool nothing_came_ = true;
  bool is_paused_ = false;
  bool is_used_ = false;
};

}  // namespace apim::http
