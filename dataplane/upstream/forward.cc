#include "upstream/forward.h"

#include <cassert>

#include "upstream/request_head.h"
#include "upstream/retry.h"

namespace apim::upstream {
namespace {

// A body of length 0 never arrives: the request ends with its head.
bool has_body(const http::RequestHead& head) {
  return head.framing != http::Framing::None &&
         (head.framing != http::Framing::Length || head.content_length > 0);
}

}  // namespace

Verdict Leg::start(Exchange& x, Upstreams& upstreams, LegOwner& owner) {
  assert(state_ == State::Over);
  assert(x.route.api != nullptr);
  x_ = &x;
  upstreams_ = &upstreams;
  owner_ = &owner;
  const bool is_sandbox = x.principal.key_type == fbs::KeyType::Sandbox;
  group_ = is_sandbox ? x.route.api->sandbox() : x.route.api->production();
  body_ended_ = !has_body(x.request);
  if (group_ == nullptr) {
    const FaultCode code =
        is_sandbox ? FaultCode::NoSandboxEndpoint : FaultCode::NoProductionEndpoint;
    answer(x, fault(code, "the API has no endpoint of that kind"));
    return Verdict::Answer;
  }
  const Result<void> begun = attempt_next();
  if (begun) return Verdict::Wait;
  reset();
  answer(x, begun.error());
  return Verdict::Answer;
}

Result<void> Leg::attempt_next() {
  TRY(const Balance::Choice choice,
      upstreams_->balance.choose(*x_->route.api, *group_, tried_, upstreams_->loop.now_ms()));
  tried_ |= choice.position < 64 ? Balance::Tried{1} << choice.position : 0;
  return attempt(*choice.endpoint, false);
}

Result<void> Leg::attempt(const fbs::Endpoint& endpoint, bool wants_new) {
  x_->upstream.endpoint = &endpoint;
  ++x_->upstream.attempts;
  was_sent_ = false;
  was_reused_ = false;
  TRY(head_, request_head(*x_, endpoint));
  state_ = State::Waiting;
  return upstreams_->pool.acquire(endpoint, *this, wants_new);
}

void Leg::send(http::ClientConnection& connection) {
  state_ = State::Sent;
  connection_ = &connection;
  upstreams_->retries.earn();
  was_sent_ = true;
  was_reused_ = connection.is_used();
  x_->timings.forwarded = upstreams_->loop.now_ns();
  const uint32_t own_ms = x_->upstream.endpoint->timeout_ms();
  connection.begin(*this,
                   {.method = x_->shape.method,
                    .framing = has_body(x_->request) ? x_->request.framing : http::Framing::None,
                    .response_ms = own_ms != 0 ? own_ms : upstreams_->response_ms},
                   head_);
  if (!early_body_.empty()) {
    body_begun_ = true;
    connection.send_body(early_body_.view());
    upstreams_->loop.outbox().flush();
    early_body_.clear();
  }
  if (body_ended_) connection.end_body();
  owner_->on_forwarded();
}

void Leg::on_connection(http::ClientConnection& connection) { send(connection); }

void Leg::on_no_connection(const Fault& why) { on_attempt_failed(why, true); }

void Leg::send_body(std::string_view bytes) {
  if (state_ == State::Waiting) return early_body_.append(bytes);
  if (connection_ == nullptr) return;
  body_begun_ = true;
  connection_->send_body(bytes);
}

void Leg::end_body() {
  body_ended_ = true;
  if (connection_ != nullptr) connection_->end_body();
}

bool Leg::is_congested() {
  if (connection_ != nullptr) return connection_->is_congested();
  return early_body_.size() >= http::Pipe::kHighBytes;
}

void Leg::on_request_room() { owner_->on_request_room(); }

void Leg::on_response(http::ResponseHead& head) {
  state_ = State::Answering;
  x_->upstream.status = head.status;
  x_->timings.first_byte = upstreams_->loop.now_ns();
  upstreams_->balance.on_success({*x_->route.api, *group_, *x_->upstream.endpoint});
  owner_->on_response(head);
}

void Leg::on_response_body(std::string_view bytes) { owner_->on_response_body(bytes); }

void Leg::on_response_end() {
  LegOwner* owner = owner_;
  connection_ = nullptr;
  reset();
  owner->on_response_end();
}

void Leg::on_response_failed(const Fault& why, bool nothing_came) {
  connection_ = nullptr;
  on_attempt_failed(why, nothing_came);
}

void Leg::on_attempt_failed(const Fault& why, bool nothing_came) {
  const bool was_answering = state_ == State::Answering;
  const Attempt last{.method = x_->shape.method,
                     .fault = why.code,
                     .was_sent = was_sent_,
                     .body_begun = body_begun_,
                     .nothing_came = nothing_came,
                     .was_reused = was_reused_};
  const bool may_try = !was_answering && x_->upstream.attempts < kAttemptsMax;
  if (may_try && !was_repeated_ && may_repeat(last) && upstreams_->retries.spend()) {
    was_repeated_ = true;
    upstreams_->metrics.add(Counter::UpstreamRetries);
    if (attempt(*x_->upstream.endpoint, true)) return;
  }
  // Overloaded is our own trouble, not the endpoint's.
  if (why.code != FaultCode::Overloaded) {
    upstreams_->balance.on_failure({*x_->route.api, *group_, *x_->upstream.endpoint},
                                   text_of(why.code).code, upstreams_->loop.now_ms());
  }
  if (may_try && group_->balance() != fbs::Balance::Single && may_go_elsewhere(last) &&
      (!last.was_sent || upstreams_->retries.spend())) {
    const fbs::Endpoint* failed = x_->upstream.endpoint;
    if (attempt_next()) return upstreams_->metrics.add(Counter::UpstreamRetries);
    x_->upstream.endpoint = failed;
  }
  LegOwner* owner = owner_;
  reset();
  owner->on_leg_failed(why);
}

void Leg::pause_response() {
  if (connection_ != nullptr) connection_->pause_response();
}

void Leg::resume_response() {
  if (connection_ != nullptr) connection_->resume_response();
}

void Leg::abandon() {
  if (state_ == State::Over) return;
  upstreams_->pool.cancel(*this);
  http::ClientConnection* connection = connection_;
  reset();
  if (connection != nullptr) connection->abandon();
}

void Leg::reset() {
  state_ = State::Over;
  connection_ = nullptr;
  early_body_.clear();
  tried_ = 0;
  body_ended_ = false;
  body_begun_ = false;
  was_reused_ = false;
  was_sent_ = false;
  was_repeated_ = false;
}

}  // namespace apim::upstream
