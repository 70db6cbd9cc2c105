#include "gate/admin_server.h"

#include <cassert>

namespace apim::gate {
namespace {

constexpr size_t kConnectionsMax = 256;

}  // namespace

// One request for a page. Frees itself when it is over.
class AdminServer::PageVisit final : public http::Visit {
 public:
  PageVisit(http::ServerConnection& connection, const Page& page)
      : connection_(connection), page_(page) {}

 private:
  ~PageVisit() = default;

  Arena& arena() override { return arena_; }
  http::RequestHead& head() override { return head_; }
  // The server bounds it.
  void on_body(std::string_view bytes) override { body_ += bytes; }
  void on_body_end() override { send(page()); }
  void on_room() override {}
  void on_gone(const Fault&) override { delete this; }

  // Only a POST's body says something.
  void on_request() override {
    if (head_.method != http::Method::Post || connection_.request_is_complete())
      return send(page());
    connection_.send_continue();
  }

  AdminPage page() {
    return page_({.method = head_.method,
                  .path = head_.target.path,
                  .content_type = value_of(http::FieldId::ContentType),
                  .origin = value_of(http::FieldId::Origin),
                  .body = body_});
  }

  std::string_view value_of(http::FieldId id) const {
    const http::Field* field = head_.find(id);
    return field == nullptr ? std::string_view() : field->value;
  }

  void on_refused(const Fault& why) override {
    const FaultText& text = text_of(why.code);
    send({.status = text.http_status,
          .content_type = "text/plain",
          .allow = {},
          .body = std::string(text.message) + "\n"});
  }

  void send(const AdminPage& page) {
    const size_t room = 256 + page.content_type.size() + page.allow.size();
    char* bytes = static_cast<char*>(arena_.allocate(room, 1));
    assert(bytes != nullptr);
    http::HeadWriter head({bytes, room});
    head.status_line(page.status);
    if (!page.content_type.empty()) head.field("Content-Type", page.content_type);
    if (!page.allow.empty()) head.field("Allow", page.allow);
    head.field("Cache-Control", "no-store");
    http::BodyPlan plan;
    if (head_.method == http::Method::Head) {
      head.number_field("Content-Length", page.body.size());
    } else {
      plan = {.framing = http::Framing::Length, .length = page.body.size()};
    }
    if (connection_.begin_response(head, plan)) {
      connection_.send_body(page.body);
      connection_.end_response();
    } else {
      connection_.cut_response();
    }
    delete this;
  }

  http::ServerConnection& connection_;
  const Page& page_;
  Arena arena_;
  http::RequestHead head_;
  std::string body_;
};

AdminServer::AdminServer(net::Loop& loop, net::ListenSocket socket, Page page,
                         std::function<void()> stopped)
    : Connections(loop, {.in_all = kConnectionsMax, .exempt = {}}, nullptr),
      listener_(loop, socket, *this),
      page_(std::move(page)),
      stopped_(std::move(stopped)) {
  limits.body_bytes_max = kBodyBytesMax;
}

void AdminServer::leave() {
  listener_.leave();
  drain_connections();
  abort_connections(fault(FaultCode::ClientGone, "the gateway stops"));
}

http::Visit* AdminServer::open_visit(http::ServerConnection& connection) {
  return new PageVisit(connection, page_);
}

void AdminServer::on_drained_out() {
  if (stopped_) std::exchange(stopped_, nullptr)();
}

}  // namespace apim::gate
