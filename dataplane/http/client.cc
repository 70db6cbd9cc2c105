#include "http/client.h"

#include <array>
#include <cassert>
#include <utility>

#include "http/h1_parser.h"
#include "http/h1_writer.h"

namespace apim::http {
namespace {

constexpr HeadLimits kResponseLimits{
    .head_bytes = 64 * 1024, .line_bytes = 8 * 1024, .field_count = 200};

}  // namespace

ClientConnection* ClientConnection::open(net::Stream* stream, ClientHome& home, uint64_t idle_ms) {
  auto* self = new ClientConnection(stream, home, idle_ms);
  stream->set_owner(self);
  stream->read_start();  // Also while idle: a backend that closes is noticed at once.
  self->idle_since_ms_ = stream->loop().now_ms();
  stream->loop().arm_in(*self, idle_ms);
  return self;
}

void ClientConnection::begin(ClientUser& user, const ClientRequest& request,
                             std::string_view head) {
  assert(phase_ == Phase::Idle);
  assert(user_ == nullptr);
  user_ = &user;
  request_ = request;
  request_ended_ = request.framing == Framing::None;
  phase_ = Phase::AwaitingHead;
  interim_count_ = 0;
  nothing_came_ = true;
  guard_.reset(Guard::Kind::Response);
  stream_->put(head);
  stream_->loop().arm_in(*this, request.response_ms);
}

void ClientConnection::send_body(std::string_view bytes) {
  if (bytes.empty() || phase_ == Phase::Gone) return;
  assert(!request_ended_);
  if (request_.framing == Framing::Chunked) {
    std::array<char, 20> line;
    stream_->put_copy(chunk_line(bytes.size(), line));
    stream_->put(bytes);
    stream_->put("\r\n");
  } else {
    stream_->put(bytes);
  }
  stream_->loop().arm_in(*this, request_.response_ms);
}

void ClientConnection::end_body() {
  if (phase_ == Phase::Gone || request_ended_) return;
  request_ended_ = true;
  if (request_.framing == Framing::Chunked) stream_->put("0\r\n\r\n");
  stream_->loop().arm_in(*this, request_.response_ms);
}

void ClientConnection::on_bytes(std::string_view bytes) {
  nothing_came_ = false;
  if (phase_ == Phase::Idle)
    return fail(fault(FaultCode::BackendProtocol, "bytes on an idle connection"));
  // A head that drips has no more time than one that does not come.
  if (phase_ == Phase::Body) stream_->loop().arm_in(*this, request_.response_ms);
  while (!bytes.empty() && (phase_ == Phase::AwaitingHead || phase_ == Phase::Body)) {
    if (phase_ == Phase::AwaitingHead) {
      if (!take_head(bytes)) return;
    } else {
      take_body(bytes);
    }
  }
}

// False: the head is not complete, or the response failed.
bool ClientConnection::take_head(std::string_view& bytes) {
  const Guard::Scan scan = guard_.scan(bytes, kResponseLimits);
  if (scan.outcome == Guard::Outcome::Refused) {
    fail(fault(FaultCode::BackendProtocol, "guard refused the response"));
    return false;
  }
  if (scan.outcome == Guard::Outcome::NeedMore) {
    held_.append(bytes);
    return false;
  }
  const uint32_t field_count = guard_.field_count();
  std::string_view text = bytes.substr(0, scan.used);
  bytes.remove_prefix(scan.used);
  guard_.reset(Guard::Kind::Response);
  if (held_.empty()) {
    text = user_->response_arena().copy(text);
  } else {
    held_.append(text);
    text = user_->response_arena().copy(held_.view());
    held_.clear();
  }
  if (text.data() == nullptr) {
    fail(fault(FaultCode::BackendProtocol, "arena full: response head"));
    return false;
  }
  take_parsed(text, field_count);
  if (phase_ == Phase::Body && body_.is_ended()) end_response(!bytes.empty());
  return phase_ != Phase::Gone;
}

void ClientConnection::take_parsed(std::string_view text, uint32_t field_count) {
  ResponseHead head;
  const auto parsed =
      parse_response(text, field_count, request_.method, user_->response_arena(), &head);
  if (!parsed) return fail(fault(FaultCode::BackendProtocol, parsed.error().what));
  if (head.status == 101) return fail(fault(FaultCode::BackendProtocol, "101 nobody asked for"));
  if (head.status < 200) {
    if (++interim_count_ > kInterimsMax) fail(fault(FaultCode::BackendProtocol, "too many 1xx"));
    return;
  }
  keeps_alive_ = head.keeps_alive && head.framing != Framing::UntilClose;
  body_.start(head.framing, head.content_length);
  phase_ = Phase::Body;
  stream_->loop().arm_in(*this, request_.response_ms);
  user_->on_response(head);
}

void ClientConnection::take_body(std::string_view& bytes) {
  const auto content = body_.next(bytes);
  if (!content) return fail(fault(FaultCode::BackendProtocol, "broken chunk framing"));
  if (!content->empty()) user_->on_response_body(*content);
  if (phase_ == Phase::Body && body_.is_ended()) end_response(!bytes.empty());
}

void ClientConnection::end_response(bool has_rest) {
  ClientUser* user = std::exchange(user_, nullptr);
  if (!keeps_alive_ || has_rest || !request_ended_) {
    close();
    home_.on_closed(*this);
  } else {
    phase_ = Phase::Idle;
    is_used_ = true;
    if (is_paused_) resume_response();
    idle_since_ms_ = stream_->loop().now_ms();
    stream_->loop().arm_in(*this, idle_ms_);
    home_.on_idle(*this);
  }
  user->on_response_end();
}

void ClientConnection::on_end() {
  if (phase_ == Phase::Body && body_.ends_with_connection()) return end_response(false);
  fail(fault(FaultCode::BackendClosed, "backend closed the connection"));
}

void ClientConnection::on_broken(int) {
  fail(fault(FaultCode::BackendClosed, "backend connection broke"));
}

void ClientConnection::on_drained() {
  if (user_ != nullptr && !request_ended_) user_->on_request_room();
}

void ClientConnection::on_due() {
  if (phase_ == Phase::Idle) return fail(fault(FaultCode::BackendClosed, "idle for too long"));
  // We wait for the client, not for the backend.
  if (is_paused_ || (!request_ended_ && !is_congested())) {
    return stream_->loop().arm_in(*this, request_.response_ms);
  }
  fail(fault(FaultCode::BackendTimeout, "no sign of life from the backend"));
}

void ClientConnection::fail(const Fault& why) {
  if (phase_ == Phase::Gone) return;
  ClientUser* user = std::exchange(user_, nullptr);
  close();
  home_.on_closed(*this);
  if (user != nullptr) user->on_response_failed(why, nothing_came_);
}

void ClientConnection::abandon() {
  user_ = nullptr;
  if (phase_ == Phase::Gone) return;
  close();
  home_.on_closed(*this);
}

void ClientConnection::retire() {
  assert(phase_ == Phase::Idle);
  close();
}

void ClientConnection::pause_response() {
  is_paused_ = true;
  stream_->read_stop();
}

void ClientConnection::resume_response() {
  if (!is_paused_) return;
  is_paused_ = false;
  stream_->read_start();
  stream_->loop().arm_in(*this, phase_ == Phase::Idle ? idle_ms_ : request_.response_ms);
}

void ClientConnection::close() {
  phase_ = Phase::Gone;
  held_.clear();
  stream_->loop().disarm(*this);
  stream_->loop().later(*this);
  stream_->leave();
}

void ClientConnection::on_later() { delete this; }

}  // namespace apim::http
