// What the parser promises: one meaning for a head, or a refusal. Tables of heads, good and bad.

#include "http/h1_parser.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "http/guard.h"

namespace apim::http {
namespace {

constexpr HeadLimits kDefaultLimits;

struct Parsed {
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
  RequestHead head;
  FaultCode code = FaultCode::kCount;  // kCount: accepted.
};

// Guard and parser together, as the server uses them.
Parsed parse(std::string_view text) {
  Parsed parsed;
  Guard guard(Guard::Kind::Request);
  const auto scan = guard.scan(text, kDefaultLimits);
  EXPECT_NE(scan.outcome, Guard::Outcome::NeedMore) << text;
  if (scan.outcome == Guard::Outcome::Refused) {
    parsed.code = scan.code;
    return parsed;
  }
  const std::string_view copy = parsed.arena->copy(text.substr(guard.skipped_bytes()));
  const auto result = parse_request(copy, guard.field_count(), *parsed.arena, &parsed.head);
  if (!result) parsed.code = result.error().code;
  return parsed;
}

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string line(const std::string& start) { return start + "\r\nHost: a\r\n\r\n"; }

struct Case {
  std::string text;
  FaultCode code;
};

TEST(H1Parser, ReadsAWholeRequest) {
  const Parsed parsed = parse(
      "POST /a/b?x=1 HTTP/1.1\r\nHost: Example.COM:8080\r\ncontent-TYPE: text/plain "
      "\r\nContent-Length: 007\r\n"
      "Empty:\r\nExpect: 100-Continue\r\n\r\n");
  ASSERT_EQ(parsed.code, FaultCode::kCount);
  EXPECT_EQ(parsed.head.method, Method::Post);
  EXPECT_EQ(parsed.head.target.path, "/a/b");
  EXPECT_EQ(parsed.head.target.query, "x=1");
  EXPECT_EQ(parsed.head.host, "example.com");
  EXPECT_EQ(parsed.head.host_port, 8080);
  EXPECT_EQ(parsed.head.authority, "Example.COM:8080");
  EXPECT_EQ(parsed.head.framing, Framing::Length);
  EXPECT_EQ(parsed.head.content_length, 7U);
  EXPECT_TRUE(parsed.head.keeps_alive);
  EXPECT_TRUE(parsed.head.expects_continue);
  ASSERT_EQ(parsed.head.fields.size(), 5U);
  EXPECT_EQ(parsed.head.fields[1].id, FieldId::ContentType);
  EXPECT_EQ(parsed.head.fields[1].value, "text/plain");
  EXPECT_EQ(parsed.head.fields[3].name, "Empty");
  EXPECT_EQ(parsed.head.fields[3].value, "");
}

TEST(H1Parser, FramingIsDecidedOrRefused) {
  const std::vector<Case> cases{
      {get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), FaultCode::BadRequest},
      {get("Content-Length: 5\r\nContent-Length: 6\r\n"), FaultCode::BadRequest},
      {get("Content-Length: 5\r\nContent-Length: 5\r\n"), FaultCode::BadRequest},
      {get("Content-Length: 5, 5\r\n"), FaultCode::BadRequest},
      {get("Content-Length: +5\r\n"), FaultCode::BadRequest},
      {get("Content-Length: -5\r\n"), FaultCode::BadRequest},
      {get("Content-Length: 0x5\r\n"), FaultCode::BadRequest},
      {get("Content-Length: 5_0\r\n"), FaultCode::BadRequest},
      {get("Content-Length: 5 0\r\n"), FaultCode::BadRequest},
      {get("Content-Length:\r\n"), FaultCode::BadRequest},
      {get("Content-Length: 18446744073709551616\r\n"), FaultCode::BadRequest},
      {get("Content-Length: 5 \r\n"), FaultCode::kCount},
      {get("Content-Length: 0\r\n"), FaultCode::kCount},
      {get("Transfer-Encoding: chunked\r\n"), FaultCode::kCount},
      {get("Transfer-Encoding: CHUNKED\r\n"), FaultCode::kCount},
      {get("Transfer-Encoding: xchunked\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: chunkedx\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: \"chunked\"\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: identity\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: gzip, chunked\r\n"), FaultCode::CodingUnknown},
      {get("Transfer-Encoding: chunked, gzip\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: chunked, chunked\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: ,chunked\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: chunked,\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding:\r\n"), FaultCode::BadRequest},
      {get("Transfer-Encoding: \xa0"
           "chunked\r\n"),
       FaultCode::BadRequest},
      {get("Transfer_Encoding: chunked\r\n"), FaultCode::BadRequest},
      {get("Content.Length: 5\r\n"), FaultCode::BadRequest},
      {"GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", FaultCode::BadRequest},
  };
  for (const Case& each : cases) EXPECT_EQ(parse(each.text).code, each.code) << each.text;
}

TEST(H1Parser, StartLinesHaveOneForm) {
  const std::vector<Case> cases{
      {line("GET / HTTP/1.1"), FaultCode::kCount},
      {line("OPTIONS * HTTP/1.1"), FaultCode::kCount},
      {line("GET http://a/x HTTP/1.1"), FaultCode::kCount},
      {line("GET HTTP://A/x HTTP/1.1"), FaultCode::kCount},
      {line("GET  / HTTP/1.1"), FaultCode::BadRequest},
      {line("GET /  HTTP/1.1"), FaultCode::BadRequest},
      {line("GET / HTTP/1.1 "), FaultCode::BadRequest},
      {line("GET /a b HTTP/1.1"), FaultCode::BadRequest},
      {line("GET /"), FaultCode::BadRequest},
      {line("GET"), FaultCode::BadRequest},
      {line("GET / HTTP/0.9"), FaultCode::VersionUnknown},
      {line("GET / HTTP/1.2"), FaultCode::VersionUnknown},
      {line("GET / HTTP/2.0"), FaultCode::VersionUnknown},
      {line("PRI * HTTP/2.0"), FaultCode::VersionUnknown},
      {line("GET / HTTP/1.10"), FaultCode::BadRequest},
      {line("GET / HTTP/01.1"), FaultCode::BadRequest},
      {line("GET / http/1.1"), FaultCode::BadRequest},
      {line("GET / HTTP/1,1"), FaultCode::BadRequest},
      {line("SOURCE /x ICE/1.0"), FaultCode::BadRequest},
      {line("DESCRIBE /x RTSP/1.0"), FaultCode::BadRequest},
      {line("get / HTTP/1.1"), FaultCode::MethodUnknown},
      {line("FOO / HTTP/1.1"), FaultCode::MethodUnknown},
      {line("CONNECT a:443 HTTP/1.1"), FaultCode::MethodUnknown},
      {line("G@T / HTTP/1.1"), FaultCode::BadRequest},
      {line("GET * HTTP/1.1"), FaultCode::BadRequest},
      {line("GET a HTTP/1.1"), FaultCode::BadRequest},
      {line("GET http://evil/p HTTP/1.1"), FaultCode::BadRequest},
      {line("GET http://u@a/p HTTP/1.1"), FaultCode::BadRequest},
      {line("GET file://a/p HTTP/1.1"), FaultCode::BadRequest},
      {line("GET /a#f HTTP/1.1"), FaultCode::BadRequest},
  };
  for (const Case& each : cases) EXPECT_EQ(parse(each.text).code, each.code) << each.text;
}

TEST(H1Parser, ExactlyOneSoundHost) {
  const auto with = [](const std::string& host) {
    return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  };
  for (const char* good :
       {"a", "a.b-c_d", "a:1", "a:65535", "127.0.0.1:80", "[::1]", "[::1]:8080", "A.B."}) {
    EXPECT_EQ(parse(with(good)).code, FaultCode::kCount) << good;
  }
  for (const char* bad : {"", "a, b", "a@b", "a/b", "a:0", "a:65536", "a:99999999", "a:", "a:x",
                          "a b", "[::1", "[]", "[x]", "a%00", "a?b", "a#b", "a\\b", "[::1]x"}) {
    EXPECT_EQ(parse(with(bad)).code, FaultCode::BadRequest) << bad;
  }
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n\r\n").code, FaultCode::BadRequest);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").code, FaultCode::BadRequest);
  EXPECT_EQ(parse("GET / HTTP/1.0\r\n\r\n").code, FaultCode::kCount);
  EXPECT_EQ(parse(with("[::1]:8080")).head.host, "::1");
  EXPECT_EQ(parse(with("A.B.")).head.host, "a.b");
}

TEST(H1Parser, SingleFieldsAreNotRepeated) {
  EXPECT_EQ(parse(get("Authorization: a\r\nAuthorization: b\r\n")).code, FaultCode::BadRequest);
  EXPECT_EQ(parse(get("Content-Type: a\r\ncontent-type: a\r\n")).code, FaultCode::BadRequest);
  EXPECT_EQ(parse(get("Accept: a\r\nAccept: b\r\n")).code, FaultCode::kCount);
}

TEST(H1Parser, ConnectionIsReadAsAList) {
  EXPECT_FALSE(parse(get("Connection: close\r\n")).head.keeps_alive);
  EXPECT_FALSE(parse(get("Connection: x, CLOSE\t\r\n")).head.keeps_alive);
  EXPECT_TRUE(parse(get("Connection: , ,keep-alive\r\n")).head.keeps_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\nHost: a\r\n\r\n").head.keeps_alive);
  EXPECT_TRUE(
      parse("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n").head.keeps_alive);
  const Parsed named = parse(get("Connection: X-Hop\r\nx-hop: 1\r\nX-Stays: 1\r\n"));
  EXPECT_TRUE(named.head.find_or_null("x-hop")->dropped);
  EXPECT_FALSE(named.head.find_or_null("x-stays")->dropped);
  for (const char* name :
       {"Host", "content-length", "Authorization", "Cookie", "X-Forwarded-For"}) {
    EXPECT_EQ(parse(get("Connection: " + std::string(name) + "\r\n")).code, FaultCode::BadRequest)
        << name;
  }
}

TEST(H1Parser, HopByHopFieldsAndAliasesAreDropped) {
  const Parsed parsed =
      parse(get("Keep-Alive: 1\r\nProxy-Connection: x\r\nTE: trailers\r\nTrailer: x\r\nUpgrade: "
                "h2c\r\nHTTP2-Settings: x\r\n"
                "Proxy-Authorization: x\r\nX_Forwarded_For: 1\r\nX.Request.Id: 1\r\n"));
  ASSERT_EQ(parsed.code, FaultCode::kCount);
  for (size_t i = 1; i < parsed.head.fields.size(); ++i) {
    EXPECT_TRUE(parsed.head.fields[i].dropped) << parsed.head.fields[i].name;
  }
  // Whatever has '_' is some other field to some backend.
  EXPECT_TRUE(parse(get("Some_Thing: x\r\n")).head.find_or_null("some_thing")->dropped);
  EXPECT_FALSE(parse(get("Some.Thing: x\r\n")).head.find_or_null("some.thing")->dropped);
  for (const char* name : {"Proxy", "X-Original-URL", "x_original_url", "X.Rewrite.URL"}) {
    EXPECT_TRUE(parse(get(std::string(name) + ": x\r\n")).head.fields[1].dropped) << name;
  }
}

TEST(H1Parser, OnlyOneExpectationExists) {
  EXPECT_TRUE(parse(get("Expect: , 100-Continue ,\r\n")).head.expects_continue);
  EXPECT_EQ(parse(get("Expect: 200-ok\r\n")).code, FaultCode::ExpectUnknown);
  EXPECT_FALSE(
      parse("GET / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").head.expects_continue);
}

struct Answered {
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
  ResponseHead head;
  bool is_fine = false;
};

Answered parse_answer(std::string_view text, Method method = Method::Get) {
  Answered answered;
  Guard guard(Guard::Kind::Response);
  if (guard.scan(text, kDefaultLimits).outcome != Guard::Outcome::Complete) return answered;
  const std::string_view copy = answered.arena->copy(text);
  answered.is_fine =
      parse_response(copy, guard.field_count(), method, *answered.arena, &answered.head)
          .has_value();
  return answered;
}

TEST(H1Parser, ResponsesHaveOneFraming) {
  const auto framing = [](const std::string& text, Method method = Method::Get) {
    const Answered answered = parse_answer(text, method);
    EXPECT_TRUE(answered.is_fine) << text;
    return answered.head.framing;
  };
  EXPECT_EQ(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), Framing::Length);
  EXPECT_EQ(framing("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"), Framing::Chunked);
  EXPECT_EQ(framing("HTTP/1.1 200 OK\r\n\r\n"), Framing::UntilClose);
  EXPECT_EQ(framing("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"), Framing::None);
  EXPECT_EQ(framing("HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n"), Framing::None);
  EXPECT_EQ(framing("HTTP/1.1 100 Go\r\nContent-Length: 5\r\n\r\n"), Framing::None);
  EXPECT_EQ(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Method::Head), Framing::None);
}

TEST(H1Parser, BrokenResponsesAreRefused) {
  for (const char* bad : {
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
           "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
           "HTTP/1.1 099 X\r\n\r\n",
           "HTTP/1.1 2000 X\r\n\r\n",
           "HTTP/1.1 600 X\r\n\r\n",
           "HTTP/1.1 20 X\r\n\r\n",
           "HTTP/2.0 200 X\r\n\r\n",
           "ICY 200 OK\r\n\r\n",
           "HTTP/1.1  200 X\r\n\r\n",
       }) {
    EXPECT_FALSE(parse_answer(bad).is_fine) << bad;
  }
}

TEST(H1Parser, FieldIdsAreFoundInAnyCase) {
  EXPECT_EQ(field_id("hOsT"), FieldId::Host);
  EXPECT_EQ(field_id("TRANSFER-encoding"), FieldId::TransferEncoding);
  EXPECT_EQ(field_id("proxy-authorization"), FieldId::ProxyAuthorization);
  EXPECT_EQ(field_id("host "), FieldId::Other);
  EXPECT_EQ(field_id(""), FieldId::Other);
  EXPECT_EQ(field_id(std::string(100, 'x')), FieldId::Other);
}

}  // namespace
}  // namespace apim::http
