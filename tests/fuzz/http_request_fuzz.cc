// Request: a client's bytes, as the server reads them: guard, parser, body, and the next request.
//
// Whole or in pieces they mean the same; what is kept of them is clean, framed once and canonical;
// and written anew for a back end they mean the same again.

#include <cassert>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuzz/path.h"
#include "fuzz/wire.h"
#include "http/body.h"
#include "http/guard.h"
#include "http/h1_parser.h"
#include "http/h1_writer.h"

namespace {

using apim::Arena;
using apim::fuzz::check_every_split;
using apim::fuzz::check_field;
using apim::fuzz::forwarded;
using apim::fuzz::is_alphanumeric;
using apim::fuzz::kTightLimits;
using apim::fuzz::kUsualLimits;
using apim::fuzz::lower;
using apim::http::BodyReader;
using apim::http::Framing;
using apim::http::Guard;
using apim::http::HeadLimits;
using apim::http::Method;
using apim::http::RequestHead;

void check_host(const RequestHead& head) {
  size_t count = 0;
  for (const auto& field : head.fields) count += lower(field.name) == "host" ? 1U : 0U;
  assert(head.minor_version == 0 || count == 1);
  assert(count <= 1);
  assert(head.host.empty() == (count == 0));
  assert(head.host.size() <= 255);
  for (const char c : head.host) {
    const bool is_mark = std::string_view("-._:").find(c) != std::string_view::npos;
    assert(is_mark || is_alphanumeric(c));
    assert(c < 'A' || c > 'Z');
  }
  for (const char c : head.authority) {
    assert(c > 0x20);
    assert(c < 0x7f);
  }
}

// No name that a back end could take for a framing field goes on.
void check_aliases(const RequestHead& head) {
  for (const auto& field : head.fields) {
    std::string name = lower(field.name);
    for (char& c : name) c = c == '_' || c == '.' ? '-' : c;
    for (const std::string_view guarded : {"content-length", "transfer-encoding", "host"}) {
      if (name == guarded) assert(lower(field.name) == guarded);
    }
  }
}

void check_head(const RequestHead& head) {
  assert(head.minor_version <= 1);
  check_host(head);
  check_aliases(head);
  apim::fuzz::check_hop_by_hop(head.fields);
  const apim::fuzz::Framed framed = apim::fuzz::framed_by(head.fields);
  apim::fuzz::check_framing(framed, head.content_length);
  assert((head.framing == Framing::Chunked) == (framed.codings == 1));
  assert((head.framing == Framing::Length) == (framed.lengths == 1));
  assert(head.framing != Framing::UntilClose);
  assert(head.framing != Framing::Chunked || head.minor_version == 1);
  if (head.target.path == "*") {
    assert(head.method == Method::Options);
    return;
  }
  apim::fuzz::check_canonical(head.target);
  apim::fuzz::check_idempotent(head.target);
}

// What a back end reads is what was decided here.
void check_written_anew(const RequestHead& head, size_t text_bytes) {
  std::vector<char> room(text_bytes + 256);
  apim::http::HeadWriter writer(room);
  writer.request_line(head.method, "", head.target.path, head.target.query);
  writer.field("Host", "backend");
  for (const auto& field : head.fields) {
    if (!field.dropped && field.id != apim::http::FieldId::Host)
      writer.field(field);
  }
  if (head.framing == Framing::Chunked) writer.field("Transfer-Encoding", "chunked");
  if (head.framing == Framing::Length) writer.number_field("Content-Length", head.content_length);
  writer.end();
  assert(writer.is_good());

  Guard guard(Guard::Kind::Request);
  const auto scan = guard.scan(writer.text(), {.field_count = 200});
  assert(scan.outcome == Guard::Outcome::Complete);
  assert(scan.used == writer.text().size());
  Arena arena;
  RequestHead read;
  const auto parsed = apim::http::parse_request(writer.text(), guard.field_count(), arena, &read);
  assert(parsed.has_value());
  assert(read.method == head.method);
  assert(read.target.path == head.target.path);
  assert(read.target.query == head.target.query);
  assert(read.framing == head.framing);
  assert(read.content_length == head.content_length);
  assert(forwarded(read.fields) == forwarded(head.fields));
}

std::string describe(const RequestHead& head) {
  std::string text = "head " + std::string(to_text(head.method)) + " ";
  text.append(head.target.path).append(head.target.has_query ? "?" : " ");
  text.append(head.target.query).append("\n");
  text.append(head.host).append(":").append(std::to_string(head.host_port));
  text.append(head.keeps_alive ? " keeps" : " closes");
  text.append(head.expects_continue ? " expects\n" : "\n");
  return text + apim::fuzz::describe(head.fields);
}

class Connection {
 public:
  explicit Connection(const HeadLimits& limits) : limits_(limits) {}

  void feed(std::string_view bytes) {
    while (!bytes.empty() && !is_refused_) {
      if (body_.is_ended()) {
        take_head(bytes);
      } else {
        take_body(bytes);
      }
    }
  }

  std::string finish() {
    if (!is_refused_) transcript_ += body_.is_ended() ? "between\n" : "in a body\n";
    return std::move(transcript_);
  }

 private:
  void refuse(const char* where, apim::FaultCode code) {
    is_refused_ = true;
    transcript_.append("refused by ").append(where).append(": ").append(text_of(code).name);
  }

  void take_head(std::string_view& bytes) {
    const Guard::Scan scan = guard_.scan(bytes, limits_);
    if (scan.outcome == Guard::Outcome::Refused) return refuse("the guard", scan.code);
    assert(scan.used <= bytes.size());
    held_.append(bytes.substr(0, scan.used));
    bytes.remove_prefix(scan.used);
    assert(held_.size() == guard_.head_bytes());
    if (scan.outcome == Guard::Outcome::NeedMore) {
      assert(bytes.empty());
      return;
    }
    const std::string text = held_.substr(guard_.skipped_bytes());
    const uint32_t field_count = guard_.field_count();
    held_.clear();
    guard_.reset(Guard::Kind::Request);
    parse(text, field_count);
  }

  void parse(const std::string& text, uint32_t field_count) {
    assert(text.ends_with("\r\n\r\n"));
    assert(field_count <= limits_.field_count);
    Arena arena(limits_.field_count < 10 ? Arena::kFirstBytes : 256 * 1024);
    const std::string_view copy = arena.copy(text);
    if (copy.data() == nullptr) return refuse("the arena", apim::FaultCode::HeadTooLarge);
    RequestHead head;
    const auto parsed = apim::http::parse_request(copy, field_count, arena, &head);
    // The log tells of a refused head too.
    for (const auto& field : head.fields) check_field(field);
    if (!parsed) return refuse("the parser", parsed.error().code);
    assert(head.fields.size() == field_count);
    check_head(head);
    check_written_anew(head, text.size());
    transcript_ += describe(head);
    body_.start(head.framing, head.content_length);
  }

  void take_body(std::string_view& bytes) {
    const size_t before = bytes.size();
    const auto content = body_.next(bytes);
    if (!content) return refuse("the body", content.error().code);
    assert(content->size() <= before - bytes.size());
    assert(before > bytes.size());
    transcript_ += *content;
    if (body_.is_ended()) transcript_ += "\nbody ends\n";
  }

  HeadLimits limits_;
  Guard guard_{Guard::Kind::Request};
  BodyReader body_;
  std::string held_;
  std::string transcript_;
  bool is_refused_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_every_split<Connection>(input, kUsualLimits);
  check_every_split<Connection>(input, kTightLimits);
  return 0;
}
