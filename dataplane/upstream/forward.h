// Forward: sends the exchange to a backend and streams the answer back.
//
//   Choosing ─ Waiting (for a connection) ─ Sent ─ Answering ─ Over
//       ^──────────── next endpoint, or again ──┘
//
// A Leg is the upstream half of one exchange. It lives beside the exchange, in
// the same pool slot. The body is streamed; what arrives before there is a
// connection waits in a bounded pipe.

#pragma once

#include <cstdint>

#include "exchange/exchange.h"
#include "http/body.h"
#include "http/client.h"
#include "upstream/balance.h"
#include "upstream/pool.h"
#include "upstream/retry.h"

namespace apim::upstream {

// What the legs of one worker share.
struct Upstreams {
  net::Loop& loop;
  Pool& pool;
  Balance& balance;
  WorkerMetrics& metrics;
  uint64_t response_ms = 15'000;
  RetryBudget retries = {};
};

// The other half of the exchange: towards the client.
class LegOwner {
 public:
  // The request was handed to a backend, which takes its body: a client that waits for "100
  // Continue" may send it. Comes again when another backend is tried. No call comes from inside
  // start().
  virtual void on_forwarded() = 0;
  virtual void on_response(http::ResponseHead& head) = 0;
  // Lives until the end of the event.
  virtual void on_response_body(std::string_view bytes) = 0;
  virtual void on_response_end() = 0;
  // No endpoint answered, or the one that did broke off. Nothing follows.
  virtual void on_leg_failed(const Fault& why) = 0;
  // The backend takes more of the body.
  virtual void on_request_room() = 0;

 protected:
  ~LegOwner() = default;
};

class Leg final : private PoolUser, private http::ClientUser {
 public:
  Leg() = default;
  Leg(const Leg&) = delete;
  Leg& operator=(const Leg&) = delete;

  // Wait: `owner` hears the rest, later. Answer: x.answer is set and nothing follows.
  // Precondition: shape() returned Next. All three outlive the leg's being under way.
  Verdict start(Exchange& x, Upstreams& upstreams, LegOwner& owner);

  // The request's body, in order. `bytes` live until the end of the event.
  void send_body(std::string_view bytes);
  void end_body();
  // True: the client must be read no further until on_request_room().
  bool is_congested();

  void pause_response();
  void resume_response();

  // Forgets the exchange; the connection, if any, ends. Idempotent.
  void abandon();
  bool is_under_way() const { return state_ != State::Over; }

 private:
  enum class State : uint8_t { Over, Waiting, Sent, Answering };
  static constexpr uint8_t kAttemptsMax = 8;

  void on_connection(http::ClientConnection& connection) override;
  void on_no_connection(const Fault& why) override;
  Arena& response_arena() override { return x_->arena; }
  void on_response(http::ResponseHead& head) override;
  void on_response_body(std::string_view bytes) override;
  void on_response_end() override;
  void on_response_failed(const Fault& why, bool nothing_came) override;
  void on_request_room() override;

  Result<void> attempt_next();
  Result<void> attempt(const fbs::Endpoint& endpoint, bool wants_new);
  void send(http::ClientConnection& connection);
  void on_attempt_failed(const Fault& why, bool nothing_came);
  void reset();

  Exchange* x_ = nullptr;
  Upstreams* upstreams_ = nullptr;
  LegOwner* owner_ = nullptr;
  const fbs::EndpointGroup* group_ = nullptr;
  http::ClientConnection* connection_ = nullptr;
  std::string_view head_;  // For the endpoint being tried; in the arena.
  http::Pipe early_body_;
  Balance::Tried tried_ = 0;
  State state_ = State::Over;
  bool body_ended_ = false;
  bool body_begun_ = false;
  bool was_reused_ = false;
  bool was_sent_ = false;
  bool was_repeated_ = false;
};

// The step: starts `leg`.
inline Verdict forward(Exchange& x, Leg& leg, Upstreams& upstreams, LegOwner& owner) {
  return leg.start(x, upstreams, owner);
}

}  // namespace apim::upstream
