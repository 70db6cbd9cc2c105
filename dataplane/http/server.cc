#include "http/server.h"

#include <cassert>

#include "http/h1_parser.h"

namespace apim::http {

ServerConnection* ServerConnection::open(net::Stream* stream, ServerHost& host, const Address& peer,
                                         uint16_t peer_port) {
  auto* self = new ServerConnection(stream, host);
  self->peer_ = peer;
  self->peer_port_ = peer_port;
  stream->set_owner(self);
  stream->read_start();
  stream->loop().arm_in(*self, host.limits.first_byte_ms);
  return self;
}

// ---------------------------------------------------------------- bytes in

void ServerConnection::on_bytes(std::string_view bytes) {
  if (phase_ == Phase::Lingering) {
    linger_bytes_ += bytes.size();
    if (linger_bytes_ > kLingerBytesMax) close();
    return;
  }
  if (!held_.empty()) {
    hold(bytes);
    return consume_held();
  }
  const size_t used = consume(bytes);
  hold(bytes.substr(used));
}

void ServerConnection::hold(std::string_view bytes) {
  if (phase_ == Phase::Gone || phase_ == Phase::Lingering || is_broken_) return;
  held_.append(bytes);
  // A head under way is bounded by the guard; requests to come are bounded here.
  if (phase_ == Phase::Answering && held_.size() > kHeldBytesMax) stream_->read_stop();
}

void ServerConnection::consume_held() {
  const size_t used = consume(held_.view());
  if (phase_ == Phase::Gone || phase_ == Phase::Lingering || is_broken_) return held_.clear();
  if (used == 0) return;
  loop().outbox().flush();  // It may still point into what is given back here.
  held_.consume(used);
}

// Returns how many bytes are done with. Stops where a request's answer must come first.
size_t ServerConnection::consume(std::string_view bytes) {
  const size_t total = bytes.size();
  while (!bytes.empty()) {
    switch (phase_) {
      case Phase::Idle:
      case Phase::Head:
        if (!take_head(bytes)) return total - bytes.size();
        break;
      case Phase::Body:
      case Phase::Draining: take_body(bytes); break;
      case Phase::Answering: return is_broken_ ? total : total - bytes.size();
      case Phase::Lingering:
      case Phase::Gone: return total;
    }
  }
  return total;
}

// False: the head is not complete; its bytes stay.
bool ServerConnection::take_head(std::string_view& bytes) {
  const bool is_first = phase_ == Phase::Idle;
  phase_ = Phase::Head;
  const Guard::Scan scan = guard_.scan(bytes.substr(scanned_bytes_), host_.limits.head);
  scanned_bytes_ += scan.used;
  if (scan.outcome == Guard::Outcome::Refused) {
    refuse(fault(scan.code, "guard refused the head"));
    return true;
  }
  if (scan.outcome == Guard::Outcome::NeedMore) {
    // Absolute: from the first byte on, whatever comes.
    if (is_first) loop().arm_in(*this, host_.limits.head_ms);
    return false;
  }
  const std::string_view text = bytes.substr(0, scanned_bytes_).substr(guard_.skipped_bytes());
  const uint32_t field_count = guard_.field_count();
  bytes.remove_prefix(scanned_bytes_);
  scanned_bytes_ = 0;
  guard_.reset(Guard::Kind::Request);
  begin(text, field_count);
  return true;
}

void ServerConnection::begin(std::string_view text, uint32_t field_count) {
  assert(visit_ == nullptr);
  visit_ = host_.open_visit(*this);
  if (visit_ == nullptr) return close();
  const std::string_view copy = visit_->arena().copy(text);
  if (copy.data() == nullptr) return refuse(fault(FaultCode::HeadTooLarge, "arena full: head"));
  RequestHead& head = visit_->head();
  auto parsed = parse_request(copy, field_count, visit_->arena(), &head);
  minor_version_ = head.minor_version;
  if (!parsed) return refuse(parsed.error());
  if (head.framing == Framing::Length && head.content_length > host_.limits.body_bytes_max) {
    return refuse(fault(FaultCode::BodyTooLarge, "Content-Length over the limit"));
  }
  keeps_alive_ = head.keeps_alive;
  body_bytes_ = 0;
  body_.start(head.framing, head.content_length);
  awaits_continue_ = head.expects_continue && !body_.is_ended();
  phase_ = body_.is_ended() ? Phase::Answering : Phase::Body;
  if (phase_ == Phase::Body) {
    body_since_ms_ = loop().now_ms();
    loop().arm_in(*this, host_.limits.body_idle_ms);
  } else {
    loop().disarm(*this);
  }
  visit_->on_request();
}

void ServerConnection::take_body(std::string_view& bytes) {
  const auto content = body_.next(bytes);
  if (!content) {
    if (phase_ == Phase::Draining) return close();
    return refuse(content.error());
  }
  awaits_continue_ = false;
  body_bytes_ += content->size();
  if (body_bytes_ > host_.limits.body_bytes_max) {
    if (phase_ == Phase::Draining) return close();
    return refuse(fault(FaultCode::BodyTooLarge, "body over the limit"));
  }
  if (phase_ == Phase::Draining) {
    if (body_.is_ended()) next_request();
    return;
  }
  if (is_too_slow()) return refuse(fault(FaultCode::RequestTimeout, "body arrives too slowly"));
  loop().arm_in(*this, host_.limits.body_idle_ms);
  Visit* visit = visit_;
  if (!content->empty()) visit->on_body(*content);
  if (visit_ != visit || phase_ != Phase::Body || !body_.is_ended()) return;
  phase_ = Phase::Answering;
  loop().disarm(*this);
  visit_->on_body_end();
}

// Time in which nobody read is not the client's.
bool ServerConnection::is_too_slow() {
  const uint64_t taken_ms = loop().now_ms() - body_since_ms_;
  return taken_ms > host_.limits.body_grace_ms &&
         body_bytes_ < host_.limits.body_bytes_per_s * taken_ms / 1000;
}

// The rest of what the client sends means nothing to us: one answer, then the end.
void ServerConnection::refuse(const Fault& why) {
  keeps_alive_ = false;
  is_broken_ = true;
  body_.start(Framing::None, 0);
  phase_ = Phase::Answering;
  loop().disarm(*this);
  if (visit_ == nullptr) visit_ = host_.open_visit(*this);
  if (visit_ == nullptr) return close();
  visit_->on_refused(why);
}

// --------------------------------------------------------------- answer out

void ServerConnection::send_continue() {
  if (!awaits_continue_ || phase_ != Phase::Body) return;
  awaits_continue_ = false;
  stream_->put("HTTP/1.1 100 Continue\r\n\r\n");
}

bool ServerConnection::begin_response(HeadWriter& head, const BodyPlan& plan) {
  assert(visit_ != nullptr);
  plan_ = plan;
  const bool is_unknown = plan.framing == Framing::Chunked || plan.framing == Framing::UntilClose;
  is_chunking_ = is_unknown && minor_version_ == 1;
  ends_by_closing_ = is_unknown && !is_chunking_;
  const bool can_drain = body_.is_ended() || (!body_.is_chunked() && !awaits_continue_ &&
                                              body_.remaining() <= kDrainBytesMax);
  if (host_.is_draining || host_.is_short_of_memory) keeps_alive_ = false;
  if (!can_drain || ends_by_closing_) keeps_alive_ = false;
  if (plan.framing == Framing::Length) head.number_field("Content-Length", plan.length);
  if (is_chunking_) head.field("Transfer-Encoding", "chunked");
  if (!keeps_alive_) head.field("Connection", "close");
  if (keeps_alive_ && minor_version_ == 0) head.field("Connection", "keep-alive");
  head.end();
  if (!head.is_good()) return false;
  stream_->put(head.text());
  return true;
}

void ServerConnection::send_body(std::string_view bytes) {
  if (bytes.empty() || plan_.framing == Framing::None) return;
  if (is_chunking_) {
    std::array<char, 20> line;
    stream_->put_copy(chunk_line(bytes.size(), line));
    stream_->put(bytes);
    stream_->put("\r\n");
  } else {
    stream_->put(bytes);
  }
  // What waits in the outbox is not counted as queued: more would be read before it is.
  if (bytes.size() >= net::Stream::kHighBytes) loop().outbox().flush();
  if (stream_->is_congested() && !armed()) {
    stalled_bytes_ = stream_->queued_bytes();
    loop().arm_in(*this, host_.limits.body_idle_ms);
  }
}

void ServerConnection::end_response() {
  assert(visit_ != nullptr);
  if (is_chunking_) stream_->put("0\r\n\r\n");
  is_chunking_ = false;
  visit_ = nullptr;
  loop().outbox().flush();
  if (!keeps_alive_) return linger();
  if (body_.is_ended()) return next_request();
  phase_ = Phase::Draining;
  if (is_paused_) resume_body();
  loop().arm_in(*this, kLingerMs);
}

void ServerConnection::cut_response() {
  visit_ = nullptr;
  close();
}

void ServerConnection::next_request() {
  phase_ = Phase::Idle;
  awaits_continue_ = false;
  is_paused_ = false;
  has_served_ = true;
  idle_since_ms_ = loop().now_ms();
  if (host_.is_draining && held_.empty() && !stream_->has_unread()) return linger();
  if (peer_ended_ && held_.empty()) return linger();
  if (!peer_ended_) stream_->read_start();
  loop().arm_in(*this, host_.is_draining ? host_.limits.head_ms : host_.idle_ms());
  if (!held_.empty()) loop().later(*this);
}

void ServerConnection::linger() {
  phase_ = Phase::Lingering;
  linger_bytes_ = 0;
  stalled_bytes_ = stream_->queued_bytes();
  if (!peer_ended_) stream_->read_start();
  stream_->shutdown();
  loop().arm_in(*this, kLingerMs);
}

void ServerConnection::pause_body() {
  if (!is_paused_) paused_since_ms_ = loop().now_ms();
  is_paused_ = true;
  stream_->read_stop();
}

void ServerConnection::resume_body() {
  if (!is_paused_) return;
  is_paused_ = false;
  body_since_ms_ += loop().now_ms() - paused_since_ms_;
  if (peer_ended_) return;
  stream_->read_start();
}

// ------------------------------------------------------------------- events

void ServerConnection::on_end() {
  peer_ended_ = true;
  switch (phase_) {
    case Phase::Answering:
      return;  // It may have closed its half only: the answer is still worth sending.
    case Phase::Body: return tell_gone("client ended in mid-body");
    case Phase::Lingering:
      if (stream_->queued_bytes() == 0) close();
      return;
    default:
      if (held_.empty() || phase_ == Phase::Head) close();
      return;
  }
}

void ServerConnection::on_broken(int) { tell_gone("client connection broke"); }

void ServerConnection::tell_gone(const char* what) {
  Visit* visit = std::exchange(visit_, nullptr);
  close();
  if (visit != nullptr) visit->on_gone(fault(FaultCode::ClientGone, what));
}

void ServerConnection::abort(const Fault& why) {
  Visit* visit = std::exchange(visit_, nullptr);
  close();
  if (visit != nullptr) visit->on_gone(why);
}

void ServerConnection::reset(const Fault& why) {
  if (phase_ != Phase::Gone) stream_->reset();
  abort(why);
}

void ServerConnection::drain() {
  if (phase_ != Phase::Idle || !held_.empty()) return;
  // A request may wait in the socket already, or be the one this connection was opened for.
  // One may also be on its way just now: one more answer, which says close.
  loop().arm_in(*this, has_served_ ? kDrainIdleMs : host_.limits.head_ms);
}

bool ServerConnection::end_idle() {
  if (!is_between_requests() || stream_->has_unread()) return false;
  linger();
  return true;
}

size_t ServerConnection::held_bytes() const {
  return phase_ == Phase::Gone ? 0 : held_.size() + stream_->queued_bytes();
}

void ServerConnection::on_drained() {
  if (visit_ == nullptr) return;
  if (phase_ == Phase::Answering) loop().disarm(*this);
  visit_->on_room();
}

void ServerConnection::on_shut() {
  if (phase_ == Phase::Lingering && peer_ended_) close();
}

void ServerConnection::on_due() {
  switch (phase_) {
    case Phase::Idle: return linger();
    case Phase::Head: return refuse(fault(FaultCode::RequestTimeout, "head took too long"));
    case Phase::Body:
      if (is_paused_) return loop().arm_in(*this, host_.limits.body_idle_ms);
      return refuse(fault(FaultCode::RequestTimeout, "body took too long"));
    case Phase::Answering: return on_stalled();
    case Phase::Lingering:
      if (stream_->queued_bytes() > 0) return on_stalled();
      return close();
    case Phase::Draining: return close();
    case Phase::Gone: return;
  }
}

// A client that takes nothing for a whole period, or less than the least rate, is cut. While bytes
// are queued nothing is added to them.
void ServerConnection::on_stalled() {
  const size_t queued = stream_->queued_bytes();
  const uint64_t least = host_.limits.body_bytes_per_s * host_.limits.body_idle_ms / 1000;
  if (queued > 0 && queued + least >= stalled_bytes_) {
    stream_->reset();  // What it does not take must not stay in the kernel.
    return tell_gone("client reads nothing");
  }
  stalled_bytes_ = queued;
  if (queued > 0) loop().arm_in(*this, host_.limits.body_idle_ms);
  if (queued == 0 && phase_ == Phase::Lingering) loop().arm_in(*this, kLingerMs);
}

void ServerConnection::close() {
  if (phase_ == Phase::Gone) return;
  const bool is_sent = phase_ == Phase::Lingering && stream_->queued_bytes() == 0;
  phase_ = Phase::Gone;
  loop().disarm(*this);
  loop().later(*this);
  // A body that ends with its connection looks whole when that ends in order.
  if (ends_by_closing_ && !is_sent) return stream_->reset();
  stream_->leave();
}

void ServerConnection::on_later() {
  if (phase_ != Phase::Gone) {
    if (!held_.empty()) consume_held();
    if (peer_ended_ && phase_ == Phase::Body) return tell_gone("client ended in mid-body");
    // Whatever was held is used; a peer that ended meanwhile sends nothing more.
    if (peer_ended_ && (phase_ == Phase::Idle || phase_ == Phase::Head)) linger();
    return;
  }
  host_.on_connection_closed(*this);
  delete this;
}

}  // namespace apim::http
