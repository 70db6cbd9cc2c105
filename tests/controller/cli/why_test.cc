// What why promises: the gateway is asked exactly what was described, keys stay out of sight, and
// its answer can be read.

#include "cli/why_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// An admin port that answers POST /why with `status` and `body`, and keeps what it was asked.
class ScriptedGateway {
 public:
  ScriptedGateway(int status, std::string body) {
    server_.Post(
        "/why", [this, status, body](const httplib::Request& request, httplib::Response& response) {
          const std::lock_guard lock(mutex_);
          asked_ = request.body;
          content_type_ = request.get_header_value("Content-Type");
          response.status = status;
          response.set_content(body, "application/json");
        });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~ScriptedGateway() {
    server_.stop();
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::string content_type() const {
    const std::lock_guard lock(mutex_);
    return content_type_;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::string asked_;
  std::string content_type_;
  std::thread thread_;
};

json forwarded() {
  return json::parse(R"({
    "gateway": "gw-1", "epoch": 12, "live_epoch": 12, "at_ms": 1,
    "steps": [
      {"step": "parse", "decision": "next", "method": "GET", "host": "localhost",
       "path": "/pizza/1.0.0/menu", "has_query": true, "client": "10.0.0.1", "transport": "http"},
      {"step": "match", "decision": "next", "vhost": "localhost", "vhost_by": "default",
       "api": {"name": "Pizza", "version": "1.0.0", "uuid": "u-1", "context": "/pizza/1.0.0",
               "revision": 3, "lifecycle": "PUBLISHED"},
       "default_version": true, "resource": "/menu",
       "operation": {"verb": "GET", "target": "/menu", "auth": "Any"}},
      {"step": "authenticate", "decision": "next", "demands": ["oauth2", "api_key"],
       "api_key_header": "apikey", "validates_subscription": true,
       "credentials": [{"where": "header", "name": "ApiKey"}], "user": "admin@carbon.super",
       "key_type": "SANDBOX", "application": {"id": 4, "name": "shop", "owner": "admin"},
       "subscription": {"plan": "Gold", "state": "UNBLOCKED"}},
      {"step": "throttle", "decision": "next", "denied": null, "levels": [
        {"level": "subscription", "policy": "Gold", "limit": 10, "unit_time": 5, "unit": "minute",
         "used": 10, "remains": 0, "window_end_s": 1700000100, "stops_on_quota": false,
         "state": "over", "refuses": false, "code": 900804},
        {"level": "backend", "policy": null, "limit": 3, "unit_time": 1, "unit": "second",
         "used": 1, "remains": 2, "window_end_s": 1700000100, "stops_on_quota": true,
         "state": "open", "refuses": false, "code": 900801}]},
      {"step": "shape", "decision": "next", "method": "POST", "path": "/menu", "sets": ["X-A"],
       "removes": ["X-B"]},
      {"step": "forward", "decision": "next", "endpoints_of": "sandbox", "balance": "failover",
       "endpoints": ["http://a/menu", "http://b/menu"],
       "next": [{"worker": 0, "url": "http://a/menu"},
                {"worker": 1, "code": 303000, "reason": "all of them rest"}]},
      {"step": "something newer", "decision": "next"}],
    "outcome": {"forwarded": true, "to": ["http://a/menu"]}})");
}

std::string text_of(const json& explanation) {
  std::string text;
  for (const auto& row : why_rows(explanation)) text += row[0] + "|" + row[1] + "|" + row[2] + "\n";
  return text;
}

TEST(WhyText, TellsEveryStepWithItsNames) {
  const std::string text = text_of(forwarded());
  for (const char* line :
       {"parse|next|GET /pizza/1.0.0/menu?… for host localhost\n", "||client 10.0.0.1 over http\n",
        "match|next|vhost localhost, the default: no vhost has that name\n",
        "||API Pizza 1.0.0 at /pizza/1.0.0, PUBLISHED, revision 3, u-1\n",
        "||reached as the default version\n", "||operation GET /menu for /menu, auth Any\n",
        "authenticate|next|demands oauth2 or api_key\n", "||credential found in header ApiKey\n",
        "||application shop (4) of admin, SANDBOX key\n", "||subscription Gold, UNBLOCKED\n",
        "throttle|next|no deny condition holds\n",
        "||subscription: 10 of 10 per 5 minutes used, 0 left until 2023-11-14 22:15:00Z (policy "
        "Gold), passes although used up\n",
        "||backend: 1 of 3 per second used, 2 left until 2023-11-14 22:15:00Z\n",
        "shape|next|POST /menu\n", "||sets X-A\n", "||removes X-B\n",
        "forward|next|sandbox, failover: http://a/menu, http://b/menu\n",
        "||worker 0 takes http://a/menu\n", "||worker 1 refuses: all of them rest (303000)\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_EQ(why_outcome(forwarded()), "forwarded to http://a/menu (epoch 12)");
}

TEST(WhyText, ARefusalIsTheStatusTheCodeAndTheWords) {
  json answer = {{"epoch", 3},
                 {"outcome",
                  {{"forwarded", false},
                   {"status", 401},
                   {"code", 900902},
                   {"message", "Missing Credentials"}}}};
  EXPECT_EQ(why_outcome(answer), "refused with 401, code 900902: Missing Credentials (epoch 3)");
  answer["outcome"]["status"] = answer["outcome"]["code"] = 404;
  answer["outcome"]["message"] = "Not Found";
  EXPECT_EQ(why_outcome(answer), "refused with 404: Not Found (epoch 3)");
  EXPECT_EQ(why_outcome({{"epoch", 3}, {"outcome", {{"forwarded", false}, {"status", 200}}}}),
            "answered 200 (epoch 3)");
}

TEST(WhyText, ALevelThatRefusesStandsOut) {
  json answer = forwarded();
  answer["steps"][3]["levels"][1]["refuses"] = true;
  answer["steps"][3]["reason"] = "a limit is used up";
  EXPECT_THAT(text_of(answer), HasSubstr("2 left until 2023-11-14 22:15:00Z: REFUSES\n"));
  EXPECT_THAT(text_of(answer), HasSubstr("||because: a limit is used up\n"));
  answer["steps"][3]["denied"] = {{"by", "user"}, {"value", "bob@carbon.super"}};
  EXPECT_THAT(text_of(answer), HasSubstr("a deny condition on user bob@carbon.super\n"));
}

TEST(WhyText, AnyOtherJsonIsSurvived) {
  for (const char* odd :
       {"{}", "[]", "null", R"({"steps":{},"outcome":[]})", R"({"steps":[1,null]})",
        R"({"steps":[{"step":"throttle","levels":[3,{"window_end_s":"x"}]}]})",
        R"({"steps":[{"step":"match","api":7,"vhost":[]}],"outcome":{"to":[1]}})"}) {
    const json answer = json::parse(odd);
    EXPECT_FALSE(why_outcome(answer).empty()) << odd;
    for (const auto& row : why_rows(answer)) EXPECT_EQ(row.size(), 3U);
  }
}

TEST(Why, AsksExactlyWhatWasDescribed) {
  const ScriptedGateway gateway(200, forwarded().dump());
  const auto ran =
      test::run_apimctl({"why", "--method", "PUT", "--url", "http://a:1/b c?d=e&f", "--header",
                         "X: 1+1", "--header", "Y: z", "--key-file", "-", "--key-header", "K",
                         "--client", "10.0.0.1", "--gateway-admin", gateway.url()},
                        "the key\r\n");
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_EQ(gateway.asked(),
            "method=PUT&url=http%3A%2F%2Fa%3A1%2Fb%20c%3Fd%3De%26f&header=X%3A%201%2B1"
            "&header=Y%3A%20z&client=10.0.0.1&key=the%20key&key_header=K");
  EXPECT_EQ(gateway.content_type(), "application/x-www-form-urlencoded");
  EXPECT_THAT(ran.out, HasSubstr("STEP"));
  EXPECT_THAT(ran.out, HasSubstr("forwarded to http://a/menu (epoch 12)\n"));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("the key")));
}

TEST(Why, TheKeyComesFromAFile) {
  const test::ConfigDir dir;
  const ScriptedGateway gateway(200, forwarded().dump());
  const std::string file = dir.path() / "key";
  std::ofstream(file) << "from-a-file\n";
  const std::vector<std::string> arguments = {
      "why", "--url", "http://a/", "--gateway-admin", gateway.url(), "--key-file", file};
  ASSERT_EQ(test::run_apimctl(arguments).exit, Exit::Done);
  EXPECT_THAT(gateway.asked(), HasSubstr("method=GET"));
  EXPECT_THAT(gateway.asked(), HasSubstr("&key=from-a-file"));
  EXPECT_THAT(gateway.asked(), Not(HasSubstr("key_header")));
  std::ofstream(file, std::ios::trunc) << "\n\n";
  EXPECT_EQ(test::run_apimctl(arguments).exit, Exit::Usage);
  std::ofstream(file, std::ios::trunc) << std::string(5000, 'a');
  EXPECT_EQ(test::run_apimctl(arguments).exit, Exit::Usage);
  std::filesystem::remove(file);
  const auto missing = test::run_apimctl(arguments);
  EXPECT_EQ(missing.exit, Exit::Usage);
  EXPECT_THAT(missing.err, HasSubstr(file));
}

TEST(Why, ProgramsGetTheGatewaysJson) {
  const ScriptedGateway gateway(200, forwarded().dump());
  const auto ran = test::run_apimctl(
      {"why", "--url", "http://a/", "--gateway-admin", gateway.url(), "-o", "json"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_EQ(json::parse(ran.out), forwarded());
}

TEST(Why, ARefusedRequestIsExplainedAllTheSame) {
  json refused = forwarded();
  refused["outcome"] = {
      {"forwarded", false}, {"status", 429}, {"code", 900804}, {"message", "throttled"}};
  const ScriptedGateway gateway(200, refused.dump());
  const auto ran =
      test::run_apimctl({"why", "--url", "http://a/", "--gateway-admin", gateway.url()});
  EXPECT_EQ(ran.exit, Exit::Done);
  EXPECT_THAT(ran.out, HasSubstr("refused with 429, code 900804: throttled (epoch 12)"));
}

TEST(Why, AWrongQuestionIsUsageInTheGatewaysWords) {
  const ScriptedGateway gateway(400, "url is not of the form http://HOST[:PORT]/PATH\n");
  const auto ran = test::run_apimctl({"why", "--url", "a", "--gateway-admin", gateway.url()});
  EXPECT_EQ(ran.exit, Exit::Usage);
  EXPECT_THAT(ran.err, HasSubstr("apimctl: url is not of the form"));
}

TEST(Why, AnotherServerIsNotBelieved) {
  for (const auto& [status, body] : {std::pair{404, "not found"}, {200, "<html>"}, {200, "{}"}}) {
    const ScriptedGateway gateway(status, body);
    const auto ran = test::run_apimctl({"why", "--url", "a", "--gateway-admin", gateway.url()});
    EXPECT_EQ(ran.exit, Exit::Refused);
    EXPECT_THAT(ran.err, HasSubstr("admin port"));
  }
}

TEST(Why, NobodyThereIsUnreachable) {
  std::string url;
  {
    const ScriptedGateway gone(200, "{}");
    url = gone.url();
  }
  const auto ran = test::run_apimctl({"why", "--url", "http://a/", "--gateway-admin", url});
  EXPECT_EQ(ran.exit, Exit::Unreachable);
  EXPECT_THAT(ran.err, HasSubstr(url));
}

TEST(Why, WhatCannotBeAskedIsUsage) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"why"},
           {"why", "--url", "http://a/", "--gateway-admin", "https://127.0.0.1:9190"},
           {"why", "--url", "http://a/", "--gateway-admin", "127.0.0.1:9190"},
           {"why", "--url", "http://a/", "--key-header", "K"}}) {
    EXPECT_EQ(test::run_apimctl(arguments).exit, Exit::Usage);
  }
}

}  // namespace
}  // namespace apim::cli
