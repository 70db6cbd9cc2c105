#include "gate/passage.h"

#include <cassert>

#include "gate/client_side.h"
#include "gate/response_head.h"
#include "policy/shape.h"

namespace apim::gate {

Passages::~Passages() { assert(running_count_ == 0); }

Passage& Passages::open(http::ServerConnection& connection) {
  std::unique_ptr<Passage> passage;
  if (idle_.empty()) {
    passage = std::make_unique<Passage>(context_, *this);
  } else {
    passage = std::move(idle_.back());
    idle_.pop_back();
  }
  ++running_count_;
  context_.metrics.raise(Gauge::RequestsRunning);
  passage->begin(connection);
  return *passage.release();
}

void Passages::give_back(Passage& passage) {
  assert(running_count_ > 0);
  --running_count_;
  context_.metrics.lower(Gauge::RequestsRunning);
  std::unique_ptr<Passage> owned(&passage);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(owned));
}

void Passages::drop_idle() {
  idle_.clear();
  idle_.shrink_to_fit();
}

void Passage::begin(http::ServerConnection& connection) {
  assert(connection_ == nullptr);
  connection_ = &connection;
  const uint64_t wall_ms = context_.loop.wall_ms();
  x_.timings.begun = context_.loop.now_ns();
  x_.wall_s = wall_ms / 1000;
  x_.wall_ms_part = static_cast<uint32_t>(wall_ms % 1000);
  x_.client.peer = connection.peer();
  x_.client.peer_port = connection.peer_port();
  x_.client.address = connection.peer();
}

// What every request gets before its first step, a refused one too.
void Passage::greet() {
  find_client(x_, context_.trusted_proxies);
  const http::Field* sent = x_.request.find(http::FieldId::XRequestId);
  const bool is_usable = sent != nullptr && is_sane_request_id(sent->value);
  x_.request_id = is_usable ? sent->value : context_.request_ids.make(x_.arena);
  if (context_.current.has_image()) x_.image = context_.current.pin();
}

void Passage::on_request() {
  greet();
  if (context_.pressure.is_at_least(PressureLevel::Refuses)) return shed();
  if (x_.request.target.path == "*") {
    x_.answer.set = true;
    x_.answer.status = 200;
    x_.answer.allow = "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS";
    return send_answer();
  }
  if (!x_.image) {
    answer(x_, fault(FaultCode::NotReady, "no snapshot yet"));
    return send_answer();
  }
  if (proceed(x_, &step_, leg_, *this, context_) == Verdict::Answer) send_answer();
}

void Passage::shed() {
  context_.metrics.add(Counter::ShedRequests);
  answer(x_, fault(FaultCode::Overloaded, "the process is short of memory"));
  x_.answer.retry_at_s = x_.wall_s + kShedRetryS;
  send_answer();
}

void Passage::on_body(std::string_view bytes) {
  x_.request_body_bytes += bytes.size();
  leg_.send_body(bytes);
  if (leg_.is_congested()) connection_->pause_body();
}

void Passage::on_body_end() { leg_.end_body(); }

void Passage::on_forwarded() {
  connection_->send_continue();
  if (!leg_.is_congested()) connection_->resume_body();
}

void Passage::on_request_room() { connection_->resume_body(); }

void Passage::on_response(http::ResponseHead& head) {
  policy::respond(x_, context_.cors);
  if (x_.answer.set) {  // A plan that cannot be applied must not be left out.
    leg_.abandon();
    return send_answer();
  }
  // A backend that answers early leaves a body nobody reads: what the client sends next must not be
  // mistaken for a request.
  if (!connection_->request_is_complete()) connection_->close_after_response();
  auto plan = backend_head(x_, head, context_.date.at(x_.wall_s));
  if (!plan || !connection_->begin_response(plan->head, plan->body)) {
    leg_.abandon();
    answer(x_, fault(FaultCode::BackendProtocol, "the response head cannot be written"));
    return send_answer();
  }
  status_ = head.status;
  sends_body_ = plan->sends_body;
}

void Passage::on_response_body(std::string_view bytes) {
  if (!sends_body_) return;
  x_.response_body_bytes += bytes.size();
  connection_->send_body(bytes);
  if (connection_->is_congested()) leg_.pause_response();
}

void Passage::on_room() { leg_.resume_response(); }

void Passage::on_response_end() {
  connection_->end_response();
  end({.status = status_});
}

void Passage::on_leg_failed(const Fault& why) {
  if (status_ != 0) {
    connection_->cut_response();
    return end({.status = status_, .fault = why.code});
  }
  // It may have spoken another protocol (a 101 nobody asked for): nothing more goes this way.
  if (why.code == FaultCode::BackendProtocol) connection_->close_after_response();
  answer(x_, why);
  send_answer();
}

void Passage::on_refused(const Fault& why) {
  leg_.abandon();
  if (status_ != 0) {
    connection_->cut_response();
    return end({.status = status_, .fault = why.code});
  }
  if (x_.request_id.empty()) greet();
  answer(x_, why);
  send_answer();
}

void Passage::on_gone(const Fault& why) {
  leg_.abandon();
  connection_ = nullptr;
  end({.status = 0, .fault = why.code});
}

// Sends x.answer. What the client still sends is drained or ends the connection;
// http::ServerConnection decides.
void Passage::send_answer() {
  assert(x_.answer.set);
  assert(status_ == 0);
  if (x_.shape.response_edit_count == 0) policy::respond(x_, context_.cors);
  auto plan = answer_head(x_, context_.date.at(x_.wall_s));
  if (!plan || !connection_->begin_response(plan->head, plan->body)) {
    connection_->cut_response();
    return end({.status = 0, .fault = x_.answer.code});
  }
  status_ = x_.answer.status;
  if (plan->sends_body) {
    x_.response_body_bytes = x_.answer.body.size();
    connection_->send_body(x_.answer.body);
  }
  connection_->end_response();
  end({.status = status_, .fault = x_.answer.code});
}

void Passage::end(const Ending& ending) {
  finish(x_, ending, context_);
  empty();
  home_.give_back(*this);
}

void Passage::empty() {
  assert(!leg_.is_under_way());
  connection_ = nullptr;
  step_ = Step::Match;
  status_ = 0;
  sends_body_ = false;
  x_.image.release();
  x_.client = {};
  x_.request = {};
  x_.request_id = {};
  x_.route = {};
  x_.principal = {};
  x_.throttled.charge_count = 0;
  x_.throttled.over_quota = false;
  // The edits themselves stay: only their counts say which are valid.
  x_.shape.request_edit_count = 0;
  x_.shape.response_edit_count = 0;
  x_.shape.resource = {};
  x_.shape.query = {};
  x_.upstream = {};
  x_.answer = {};
  x_.timings = {};
  x_.request_body_bytes = 0;
  x_.response_body_bytes = 0;
  x_.arena.clear();
}

}  // namespace apim::gate
