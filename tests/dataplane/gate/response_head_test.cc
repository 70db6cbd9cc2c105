// What the client's head promises: the backend's fields without its hops, our framing, our words
// for answers.

#include "gate/response_head.h"

#include <gmock/gmock.h>

namespace apim::gate {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const char* const kDate = "Sat, 22 Aug 2026 10:01:00 GMT";

struct Response {
  Exchange x;
  http::ResponseHead head;
  std::vector<http::Field> fields;
  Response() {
    x.request_id = "id-1";
    head.status = 200;
    head.framing = http::Framing::Length;
    head.content_length = 5;
    head.has_content_length = true;
  }
  Result<ResponsePlan> plan() {
    head.fields = fields;
    return backend_head(x, head, kDate);
  }
};

TEST(ResponseHead, PassesFieldsButNotHops) {
  Response response;
  response.fields = {{.name = "Server", .value = "s", .id = http::FieldId::Server},
                     {.name = "X-Hop", .value = "1", .id = http::FieldId::Other, .dropped = true},
                     {.name = "X-Request-Id", .value = "theirs", .id = http::FieldId::XRequestId}};
  const auto plan = response.plan();
  ASSERT_TRUE(plan);
  const std::string text(plan->head.text());
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\nServer: s\r\n"));
  EXPECT_THAT(text, HasSubstr("X-Request-Id: id-1\r\n"));
  EXPECT_THAT(text, HasSubstr(kDate));
  EXPECT_THAT(text, Not(HasSubstr("X-Hop")));
  EXPECT_THAT(text, Not(HasSubstr("theirs")));
  EXPECT_EQ(plan->body.framing, http::Framing::Length);
  EXPECT_EQ(plan->body.length, 5U);
}

TEST(ResponseHead, ABackendsDateStays) {
  Response response;
  response.fields = {{.name = "Date", .value = "theirs", .id = http::FieldId::Date}};
  EXPECT_THAT(std::string(response.plan()->head.text()), Not(HasSubstr(kDate)));
}

TEST(ResponseHead, BodiesThatMustNotBeAreNotAnnounced) {
  Response no_content;
  no_content.head.status = 204;
  EXPECT_FALSE(no_content.plan()->sends_body);
  EXPECT_THAT(std::string(no_content.plan()->head.text()), Not(HasSubstr("Content-Length")));
  Response not_modified;
  not_modified.head.status = 304;
  EXPECT_THAT(std::string(not_modified.plan()->head.text()), HasSubstr("Content-Length: 5\r\n"));
  Response reset;
  reset.head.status = 205;
  EXPECT_FALSE(reset.plan()->sends_body);
  EXPECT_EQ(reset.plan()->body.length, 0U);
  Response open;
  open.head.framing = http::Framing::UntilClose;
  open.head.has_content_length = false;
  EXPECT_EQ(open.plan()->body.framing, http::Framing::Chunked);
}

TEST(ResponseHead, AnswersCarryTheirFields) {
  Exchange x;
  answer(x, fault(FaultCode::ThrottledSubscription, "test"));
  x.answer.retry_at_s = 1787392860;
  x.answer.challenge = "API Key realm=\"x\"";
  const auto plan = answer_head(x, kDate);
  ASSERT_TRUE(plan);
  const std::string text(plan->head.text());
  EXPECT_THAT(text, StartsWith("HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json"));
  EXPECT_THAT(text, HasSubstr("WWW-Authenticate: API Key realm=\"x\"\r\n"));
  EXPECT_THAT(text, HasSubstr("Retry-After: "));
  EXPECT_THAT(text, HasSubstr(" GMT\r\n"));
  EXPECT_EQ(plan->body.length, x.answer.body.size());
}

TEST(ResponseHead, EditsApply) {
  Response response;
  response.fields = {{.name = "X-A", .value = "old"},
                     {.name = "Vary", .value = "Accept"},
                     {.name = "X-B", .value = "old"}};
  response.x.shape.response_edits[0] = {.name = "x-a", .value = "new"};
  response.x.shape.response_edits[1] = {
      .name = "Vary", .value = "Origin", .removes = false, .appends = true};
  response.x.shape.response_edits[2] = {.name = "X-B", .value = {}, .removes = true};
  response.x.shape.response_edit_count = 3;
  const std::string text(response.plan()->head.text());
  EXPECT_THAT(text, HasSubstr("x-a: new\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("old")));
  EXPECT_THAT(text, HasSubstr("Vary: Accept\r\n"));
  EXPECT_THAT(text, HasSubstr("Vary: Origin\r\n"));
}

}  // namespace
}  // namespace apim::gate
