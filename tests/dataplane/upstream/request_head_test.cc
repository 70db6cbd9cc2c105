// What the backend's head promises: only what a backend may see, once, and framed by us.

#include "upstream/request_head.h"

#include <gmock/gmock.h>

#include <vector>

#include "support_api.h"

namespace apim::upstream {
namespace {

using http::FieldId;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Request {
  ApiUnderTest under_test{fbs::Balance::Single, {{.key = 1, .path = "/base"}}};
  Exchange x;
  std::vector<http::Field> fields;

  Request() {
    x.client.peer = *parse_address("192.0.2.1");
    x.request.authority = "public.example:8280";
    x.request.host_port = 8280;
    x.request_id = "id-1";
    x.shape.resource = "/a";
    x.shape.query = "b=c";
  }
  void add(std::string_view name, std::string_view value, FieldId id = FieldId::Other,
           bool dropped = false) {
    fields.push_back({.name = name, .value = value, .id = id, .dropped = dropped});
  }
  std::string head() {
    x.request.fields = fields;
    const auto text = request_head(x, under_test.endpoint());
    return text ? std::string(*text) : "refused";
  }
};

TEST(RequestHead, IsMadeOfTheCanonicalRequest) {
  Request request;
  request.add("Host", "public.example:8280", FieldId::Host);
  request.add("Accept", "*/*");
  request.x.request.framing = http::Framing::Length;
  request.x.request.content_length = 7;
  EXPECT_EQ(request.head(),
            "GET /base/a?b=c HTTP/1.1\r\nHost: back.end:80\r\nAccept: */*\r\nX-Forwarded-For: "
            "192.0.2.1\r\n"
            "X-Forwarded-Proto: http\r\nX-Forwarded-Host: public.example:8280\r\nX-Forwarded-Port: "
            "8280\r\n"
            "X-Request-Id: id-1\r\nContent-Length: 7\r\n\r\n");
}

TEST(RequestHead, LeavesOutWhatIsDroppedOrMisleading) {
  Request request;
  request.add("ApiKey", "secret", FieldId::Other, true);
  request.add("Internal-Key", "secret", FieldId::InternalKey);
  request.add("X-Forwarded-For", "6.6.6.6", FieldId::XForwardedFor, true);
  request.add("X-Request-Id", "theirs", FieldId::XRequestId);
  request.add("pRoxy", "evil", FieldId::Misleading, true);
  request.add("X-Original-URL", "/admin", FieldId::Misleading, true);
  const std::string head = request.head();
  for (const char* gone : {"secret", "6.6.6.6", "theirs", "evil", "/admin"})
    EXPECT_THAT(head, Not(HasSubstr(gone)));
}

TEST(RequestHead, ATrustedProxysWordStays) {
  Request request;
  request.add("X-Forwarded-For", "198.51.100.7", FieldId::XForwardedFor);
  request.add("X-Forwarded-Proto", "https", FieldId::XForwardedProto);
  const std::string head = request.head();
  EXPECT_THAT(head, HasSubstr("X-Forwarded-For: 198.51.100.7, 192.0.2.1\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Forwarded-Proto: https\r\n"));
}

TEST(RequestHead, EditsReplaceRemoveAndAppend) {
  Request request;
  request.add("X-Set", "old");
  request.add("X-Gone", "old");
  request.add("X-More", "old");
  request.x.shape.request_edits[0] = {.name = "x-set", .value = "new"};
  request.x.shape.request_edits[1] = {.name = "x-gone", .value = {}, .removes = true};
  request.x.shape.request_edits[2] = {
      .name = "x-more", .value = "new", .removes = false, .appends = true};
  request.x.shape.request_edits[3] = {.name = "Content-Length", .value = "999"};
  request.x.shape.request_edit_count = 4;
  const std::string head = request.head();
  EXPECT_THAT(head, HasSubstr("x-set: new\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("X-Set: old")));
  EXPECT_THAT(head, Not(HasSubstr("X-Gone")));
  EXPECT_THAT(head, HasSubstr("X-More: old\r\n"));
  EXPECT_THAT(head, HasSubstr("x-more: new\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("999")));
}

TEST(RequestHead, AnEditThatCouldSplitTheHeadIsRefused) {
  Request request;
  request.x.shape.request_edits[0] = {.name = "X", .value = "a\r\nY: b"};
  request.x.shape.request_edit_count = 1;
  EXPECT_EQ(request.head(), "refused");
}

}  // namespace
}  // namespace apim::upstream
