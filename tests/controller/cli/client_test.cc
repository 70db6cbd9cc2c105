// What a Client promises: it talks to the pinned certificate only, and its refusals can be read.

#include "cli/client.h"

#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

TEST(Client, CarriesTheEpochAndTheBody) {
  test::ScriptedController controller;
  controller.answer("GET /x", {{"a", 1}}, 200, 17);
  Client client({controller.url(), "admin", "secret", controller.fingerprint()});
  const auto reply = client.get("/x");
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->epoch, 17U);
  EXPECT_EQ(reply->body["a"], 1);
  EXPECT_EQ(controller.seen().at(0).authorization, "Basic YWRtaW46c2VjcmV0");
}

TEST(Client, SendsNothingToAnotherCertificate) {
  test::ScriptedController controller;
  std::string other = controller.fingerprint();
  other[0] = other[0] == 'A' ? 'B' : 'A';
  Client client({controller.url(), "admin", "secret", other});
  const auto reply = client.get("/x");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().exit, Exit::Unreachable);
  EXPECT_NE(reply.error().message.find(other), std::string::npos);
  EXPECT_NE(reply.error().message.find(controller.fingerprint()), std::string::npos);
  EXPECT_TRUE(controller.seen().empty());
}

TEST(Client, WithoutAPinOnlyLooks) {
  test::ScriptedController controller;
  Client client({controller.url(), "admin", "secret", ""});
  EXPECT_FALSE(client.get("/x"));
  EXPECT_EQ(client.seen_fingerprint(), controller.fingerprint());
  EXPECT_TRUE(controller.seen().empty());
}

TEST(Client, NobodyThereIsUnreachable) {
  std::string url;
  std::string fingerprint;
  {
    const test::ScriptedController gone;
    url = gone.url();
    fingerprint = gone.fingerprint();
  }
  Client client({url, "admin", "secret", fingerprint});
  const auto reply = client.get("/x");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().exit, Exit::Unreachable);
  EXPECT_NE(reply.error().message.find(url), std::string::npos);
}

TEST(Client, ARefusalIsTheServersWords) {
  test::ScriptedController controller;
  controller.answer("POST /x",
                    {{"code", 900251},
                     {"message", "The API context already exists"},
                     {"description", "/pizza"},
                     {"error", {{{"code", 1}, {"message", "api.yaml:3: context"}}}}},
                    409);
  Client client({controller.url(), "admin", "secret", controller.fingerprint()});
  const auto reply = client.post("/x", nlohmann::json::object());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().exit, Exit::Refused);
  for (const char* word :
       {"The API context already exists", "/pizza", "900251", "api.yaml:3: context"}) {
    EXPECT_NE(reply.error().message.find(word), std::string::npos) << word;
  }
}

TEST(Client, ARoleIsAdvisedOnlyWhenOneIsMissing) {
  test::ScriptedController controller;
  controller.answer("GET /scope",
                    {{"code", 403},
                     {"message", "Forbidden"},
                     {"description", "user 'sam' needs one of the scopes apim:admin"}},
                    403);
  controller.answer(
      "GET /used",
      {{"code", 900971}, {"message", "Policy in use"}, {"description", "by scope 'x'"}}, 403);
  Client client({controller.url(), "sam", "secret", controller.fingerprint()});
  EXPECT_NE(client.get("/scope").error().advice.find("role"), std::string::npos);
  EXPECT_EQ(client.get("/used").error().advice, "");
}

TEST(Client, UploadsEveryPart) {
  test::ScriptedController controller;
  controller.answer("POST /import", nlohmann::json::object());
  Client client({controller.url(), "admin", "secret", controller.fingerprint()});
  const std::string bytes("PK\0\1\r\n--", 8);
  ASSERT_TRUE(client.upload("/import", {{"file", bytes, "p.zip", "application/zip"}}));
  EXPECT_EQ(controller.seen().at(0).body, "file=" + bytes);
}

TEST(Client, QueriesAreEscaped) {
  EXPECT_EQ(escape_query("name:a b&c=d/é"), "name%3Aa%20b%26c%3Dd%2F%C3%A9");
}

TEST(Client, WhatIsNoJsonIsStillSaid) {
  EXPECT_EQ(describe_refusal(502, "<html>"), "the controller answered 502");
}

}  // namespace
}  // namespace apim::cli
