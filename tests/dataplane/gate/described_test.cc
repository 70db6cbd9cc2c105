// What a described request promises: read strictly, turned into exactly the bytes it says.

#include "gate/described.h"

#include <gmock/gmock.h>

#include <random>

namespace apim::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string error_of(std::string_view form) {
  const auto described = parse_described(form);
  return described ? std::string() : described.error();
}

std::string bytes_of(std::string_view form, std::string_view key_header = {}) {
  const auto described = parse_described(form);
  if (!described) return "form: " + described.error();
  const auto head = to_head(*described, key_header);
  return head ? head->bytes : "head: " + head.error();
}

TEST(Described, ReadsEveryField) {
  const auto described = parse_described(
      "method=GET&url=http%3A%2F%2Fa%3A1%2Fb%3Fc%3Dd%26e&header=A%3A+b&header=c:%20D&key=s+e%2Bcret"
      "&key_header=X-Key&client=2001:db8::1");
  ASSERT_TRUE(described) << described.error();
  EXPECT_EQ(described->method, "GET");
  EXPECT_EQ(described->url, "http://a:1/b?c=d&e");
  EXPECT_THAT(described->headers, ElementsAre("A: b", "c: D"));
  EXPECT_EQ(described->key, "s e+cret");
  EXPECT_EQ(described->key_header, "X-Key");
  EXPECT_EQ(to_text(described->client), "2001:db8::1");
}

TEST(Described, AClientThatIsNotNamedIsOnThisMachine) {
  EXPECT_EQ(to_text(parse_described("method=GET&url=http://a/")->client), "127.0.0.1");
}

TEST(Described, NothingIsLeftOutSilently) {
  EXPECT_THAT(error_of(""), HasSubstr("method is missing"));
  EXPECT_THAT(error_of("method=GET"), HasSubstr("url is missing"));
  EXPECT_THAT(error_of("method=GET&url=http://a/&method=PUT"), HasSubstr("method stands twice"));
  EXPECT_THAT(error_of("method=&url=http://a/"), HasSubstr("method is empty"));
  EXPECT_THAT(error_of("method=GET&url=http://a/&body=x"), HasSubstr("not known"));
  EXPECT_THAT(error_of("method=GET&url=http://a/&client=nobody"), HasSubstr("not an IP address"));
  for (const char* broken : {"method", "method=GET&&url=http://a/", "method=%4", "method=%zz",
                             "%6=GET", "method=GET&url=http://a/%2"}) {
    EXPECT_THAT(error_of(broken), HasSubstr("the form is broken")) << broken;
  }
}

TEST(Described, AnErrorTellsNoValue) {
  for (const char* form : {"method=GET&url=http://a/&key=TOPSECRET&key=TOPSECRET", "TOPSECRET=a",
                           "key=TOPSECRET%2", "method=GET&url=http://a/&client=TOPSECRET"}) {
    EXPECT_THAT(error_of(form), Not(HasSubstr("TOPSECRET")));
    EXPECT_FALSE(error_of(form).empty());
  }
}

TEST(Described, BecomesAHead) {
  EXPECT_EQ(bytes_of("method=GET&url=http://a.b:8280/c?d=e&header=X: y"),
            "GET /c?d=e HTTP/1.1\r\nHost: a.b:8280\r\nX: y\r\n\r\n");
  EXPECT_EQ(bytes_of("method=GET&url=http://a"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(bytes_of("method=GET&url=http://a?q"), "GET /?q HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(bytes_of("method=PUT&url=HTTPS://a/&key=k", "ApiKey"),
            "PUT / HTTP/1.1\r\nHost: a\r\nApiKey: k\r\n\r\n");
  EXPECT_EQ(bytes_of("method=PUT&url=http://a/&key=k"), "PUT / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(Described, AHostFieldReplacesTheUrls) {
  EXPECT_EQ(bytes_of("method=GET&url=http://a/&header=hOST : b"),
            "GET / HTTP/1.1\r\nhOST : b\r\n\r\n");
  EXPECT_EQ(bytes_of("method=GET&url=http://a/&header=Host2: b"),
            "GET / HTTP/1.1\r\nHost: a\r\nHost2: b\r\n\r\n");
}

TEST(Described, TellsTlsByTheScheme) {
  EXPECT_TRUE(to_head(*parse_described("method=GET&url=https://a/"), {})->is_tls);
  EXPECT_FALSE(to_head(*parse_described("method=GET&url=http://a/"), {})->is_tls);
}

TEST(Described, WhatIsNoUrlIsRefused) {
  for (const char* url : {"/path", "ftp://a/", "http:/a", "http://", "http:///x", "a.b/c", "https"})
    EXPECT_THAT(bytes_of("method=GET&url=" + std::string(url)),
                HasSubstr("url is not of the form"));
}

TEST(Described, NoFieldEndsALine) {
  for (const char* end : {"%0d", "%0a", "%0d%0a", "%00"}) {
    for (const std::string field :
         {"method=GE", "url=http://a/", "key=k", "key_header=A", "header=A: b"}) {
      std::string form = field + end + "X: y";
      if (!field.starts_with("method")) form += "&method=GET";
      if (!field.starts_with("url")) form += "&url=http://a/";
      const auto described = parse_described(form);
      ASSERT_TRUE(described) << form;
      EXPECT_FALSE(to_head(*described, described->key_header)) << form;
    }
  }
  EXPECT_THAT(bytes_of("method=GET&url=http://a/&header="), HasSubstr("a header is empty"));
}

// Property: whatever the bytes, a head that comes out has one line for each field and ends once.
TEST(Described, AnyBytesMakeAWholeHeadOrNone) {
  size_t heads = 0;
  for (uint32_t seed = 0; seed < 20'000; ++seed) {
    std::minstd_rand random(seed + 1);
    const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
    constexpr std::string_view kPieces[] = {
        "method=", "url=", "header=", "key=",   "client=", "&", "GET", "http://", "a",
        "/",       "?",    "%",       "%0d%0a", "%41",     "+", ":",   "#",       "\x80"};
    std::string form = below(3) == 0 ? "" : "method=GET&url=http://a/&";
    for (uint32_t i = below(12); i > 0; --i) form += kPieces[below(std::size(kPieces))];
    const auto described = parse_described(form);
    if (!described) continue;
    const auto head = to_head(*described, described->key_header);
    if (!head) continue;
    ++heads;
    EXPECT_EQ(head->bytes.find("\r\n\r\n"), head->bytes.size() - 4) << form;
  }
  EXPECT_GT(heads, 1000U);
}

}  // namespace
}  // namespace apim::gate
