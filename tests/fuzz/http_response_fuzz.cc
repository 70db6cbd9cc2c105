// Response: a back end's bytes, as the client side reads them: interim heads, the head, its body.
//
// Whole or in pieces they mean the same; what is kept of them is clean and framed once, by the
// request's method, the status and the fields (RFC 9112 6.3); and written anew it means the same.

#include <cassert>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/wire.h"
#include "http/body.h"
#include "http/guard.h"
#include "http/h1_parser.h"
#include "http/h1_writer.h"

namespace {

using apim::Arena;
using apim::fuzz::forwarded;
using apim::http::BodyReader;
using apim::http::Framing;
using apim::http::Guard;
using apim::http::HeadLimits;
using apim::http::Method;
using apim::http::ResponseHead;

// RFC 9112 6.3 by status, method and fields alone.
Framing framing_of(const ResponseHead& head, Method method, const apim::fuzz::Framed& framed) {
  const bool is_interim = head.status < 200;
  if (method == Method::Head || is_interim || head.status == 204 || head.status == 304)
    return Framing::None;
  if (framed.codings > 0) return Framing::Chunked;
  return framed.lengths > 0 ? Framing::Length : Framing::UntilClose;
}

void check_head(const ResponseHead& head, Method method) {
  assert(head.status >= 100);
  assert(head.status <= 599);
  assert(head.minor_version <= 1);
  for (const auto& field : head.fields) apim::fuzz::check_field(field);
  apim::fuzz::check_hop_by_hop(head.fields);
  const apim::fuzz::Framed framed = apim::fuzz::framed_by(head.fields);
  apim::fuzz::check_framing(framed, head.content_length);
  assert(head.has_content_length == (framed.lengths == 1));
  assert(head.framing == framing_of(head, method, framed));
  assert(head.framing != Framing::Chunked || head.minor_version == 1);
}

// What the client reads is what was decided here.
void check_written_anew(const ResponseHead& head, Method method, size_t text_bytes) {
  std::vector<char> room(text_bytes + 256);
  apim::http::HeadWriter writer(room);
  writer.status_line(head.status);
  for (const auto& field : head.fields) {
    if (!field.dropped) writer.field(field);
  }
  if (head.framing == Framing::Chunked) writer.field("Transfer-Encoding", "chunked");
  if (head.has_content_length) writer.number_field("Content-Length", head.content_length);
  writer.end();
  assert(writer.is_good());

  Guard guard(Guard::Kind::Response);
  const auto scan = guard.scan(writer.text(), {.field_count = 200});
  assert(scan.outcome == Guard::Outcome::Complete);
  assert(scan.used == writer.text().size());
  Arena arena;
  ResponseHead read;
  const auto parsed =
      apim::http::parse_response(writer.text(), guard.field_count(), method, arena, &read);
  assert(parsed.has_value());
  assert(read.status == head.status);
  assert(read.framing == head.framing);
  assert(read.content_length == head.content_length);
  assert(forwarded(read.fields) == forwarded(head.fields));
}

template <Method method>
class Connection {
 public:
  explicit Connection(const HeadLimits& limits) : limits_(limits) {}

  void feed(std::string_view bytes) {
    while (!bytes.empty() && !is_over_) {
      if (has_head_) {
        take_body(bytes);
      } else {
        take_head(bytes);
      }
    }
  }

  std::string finish() {
    if (!is_over_) transcript_ += body_.ends_with_connection() ? "ends\n" : "is cut\n";
    return std::move(transcript_);
  }

 private:
  void end(const char* why, std::string_view detail = {}) {
    is_over_ = true;
    transcript_.append(why).append(detail);
  }

  void take_head(std::string_view& bytes) {
    const Guard::Scan scan = guard_.scan(bytes, limits_);
    if (scan.outcome == Guard::Outcome::Refused)
      return end("the guard refused: ", text_of(scan.code).name);
    held_.append(bytes.substr(0, scan.used));
    bytes.remove_prefix(scan.used);
    if (scan.outcome == Guard::Outcome::NeedMore) {
      assert(bytes.empty());
      return;
    }
    assert(guard_.skipped_bytes() == 0);
    const std::string text = std::move(held_);
    const uint32_t field_count = guard_.field_count();
    held_.clear();
    guard_.reset(Guard::Kind::Response);
    parse(text, field_count);
  }

  void parse(const std::string& text, uint32_t field_count) {
    Arena arena(limits_.field_count < 10 ? Arena::kFirstBytes : 256 * 1024);
    const std::string_view copy = arena.copy(text);
    if (copy.data() == nullptr) return end("no room");
    ResponseHead head;
    const auto parsed = apim::http::parse_response(copy, field_count, method, arena, &head);
    if (!parsed) return end("the parser refused: ", text_of(parsed.error().code).name);
    assert(head.fields.size() == field_count);
    check_head(head, method);
    check_written_anew(head, method, text.size());
    transcript_ += std::to_string(head.status) + (head.keeps_alive ? " keeps\n" : " closes\n");
    transcript_ += apim::fuzz::describe(head.fields);
    if (head.status < 200) return;
    has_head_ = true;
    body_.start(head.framing, head.content_length);
    if (body_.is_ended()) end("no body\n");
  }

  void take_body(std::string_view& bytes) {
    const auto content = body_.next(bytes);
    if (!content) return end("the body is broken");
    transcript_ += *content;
    if (body_.is_ended()) end("\nbody ends\n");
  }

  HeadLimits limits_;
  Guard guard_{Guard::Kind::Response};
  BodyReader body_;
  std::string held_;
  std::string transcript_;
  bool has_head_ = false;
  bool is_over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const HeadLimits& limits : {apim::fuzz::kUsualLimits, apim::fuzz::kTightLimits}) {
    apim::fuzz::check_every_split<Connection<Method::Get>>(input, limits);
    apim::fuzz::check_every_split<Connection<Method::Head>>(input, limits);
  }
  return 0;
}
