// What why promises: every step's decision with its names, the same answer as the real way, and
// nothing spent.

#include "gate/why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "auth/authenticate.h"
#include "match/match.h"
#include "support/world.h"
#include "throttle/throttle.h"

namespace apim::gate {
namespace {

using model::PolicyLevel;
using model::Verb;
using nlohmann::json;
using test::make_image;
using test::operation;
using test::per_minute;
using test::World;
using testing::HasSubstr;
using testing::Not;

constexpr uint64_t kNowMs = 1'700'000'000'500;

World shop_world() {
  World world;
  auto& api =
      world.add_api(1, "pets", {operation(Verb::Get, "/pet/{id}"), operation(Verb::Post, "/pet")});
  api.operations.push_back(operation(Verb::Get, "/open"));
  api.operations.back().auth = model::AuthType::None;
  world.add_policy(1, PolicyLevel::Subscription, "Gold", per_minute(5));
  world.add_policy(2, PolicyLevel::Application, "AppPlan", per_minute(7));
  world.add_application(1).throttling_policy = "AppPlan";
  world.add_application(2);
  world.subscribe(1, 1, "Gold");
  world.add_key(1, "secret-key");
  world.add_key(2, "foreign-key");
  return world;
}

class WhyTest : public testing::Test {
 protected:
  WhyTest() : settings_(default_settings()), pools_(1000), world_(shop_world()) {}

  void serve() { image_ = make_image(world_.catalog, 9); }

  AdminPage page(const std::string& form, std::string_view type = kForm,
                 std::string_view origin = {}) {
    const WhyState state{.image = image_,
                         .live_epoch = 9,
                         .now_ms = kNowMs,
                         .gateway_id = "gw-1",
                         .settings = settings_,
                         .counters = pools_,
                         .choices = [this](const ChoiceQuestion& question) {
                           asked_group_ = question.group;
                           return choose_ ? choose_(question) : std::vector<WorkerChoice>{};
                         }};
    return why_page({.method = http::Method::Post,
                     .path = "/why",
                     .content_type = type,
                     .origin = origin,
                     .body = form},
                    state);
  }

  json ask(const std::string& form) {
    const AdminPage made = page(form);
    EXPECT_EQ(made.status, 200) << made.body;
    const AdminPage again = page(form);
    EXPECT_EQ(made.body, again.body);
    json answer = json::parse(made.body, nullptr, false);
    EXPECT_TRUE(answer.is_object()) << made.body;
    return answer;
  }

  static json step(const json& answer, const std::string& name) {
    for (const json& each : answer["steps"])
      if (each["step"] == name) return each;
    return nullptr;
  }

  // One request that is charged, for the application 1 and GET /pet/{id}.
  void spend() {
    test::Worker worker(image_);
    test::Call call(worker, http::Method::Get, "/pets/1.0.0/pet/7");
    call.x.wall_s = kNowMs / 1000;
    call.with("ApiKey", "secret-key");
    ASSERT_EQ(match::match(call.x, {.default_vhost = "localhost"}), Verdict::Next);
    ASSERT_EQ(auth::authenticate(call.x), Verdict::Next);
    throttle::throttle(call.x, pools_);
  }

  static constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  static constexpr const char* kGood =
      "method=GET&url=http://localhost:8280/pets/1.0.0/pet/7&key=secret-key";

  Settings settings_;
  throttle::Pools pools_;
  World world_;
  std::shared_ptr<const snapshot::Image> image_;
  std::function<std::vector<WorkerChoice>(const ChoiceQuestion&)> choose_;
  const fbs::EndpointGroup* asked_group_ = nullptr;
};

TEST_F(WhyTest, ARequestThatPassesIsToldWithEveryName) {
  serve();
  const json answer = ask(kGood);
  EXPECT_EQ(answer["gateway"], "gw-1");
  EXPECT_EQ(answer["epoch"], 9);
  const json parse = step(answer, "parse");
  EXPECT_EQ(parse["host"], "localhost");
  EXPECT_EQ(parse["path"], "/pets/1.0.0/pet/7");
  EXPECT_EQ(parse["client"], "127.0.0.1");
  const json match = step(answer, "match");
  EXPECT_EQ(match["vhost"], "localhost");
  EXPECT_EQ(match["vhost_by"], "host");
  EXPECT_EQ(match["api"]["name"], "pets");
  EXPECT_EQ(match["api"]["version"], "1.0.0");
  EXPECT_EQ(match["api"]["uuid"], "api-1");
  EXPECT_EQ(match["api"]["context"], "/pets/1.0.0");
  EXPECT_EQ(match["default_version"], false);
  EXPECT_EQ(match["operation"]["verb"], "GET");
  EXPECT_EQ(match["operation"]["target"], "/pet/{id}");
  const json auth = step(answer, "authenticate");
  EXPECT_EQ(auth["demands"], json({"api_key"}));
  EXPECT_EQ(auth["credentials"], json::parse(R"([{"where":"header","name":"apikey"}])"));
  EXPECT_EQ(auth["application"]["name"], "app1");
  EXPECT_EQ(auth["application"]["id"], 1);
  EXPECT_EQ(auth["key_type"], "PRODUCTION");
  EXPECT_EQ(auth["subscription"]["plan"], "Gold");
  EXPECT_EQ(auth["subscription"]["state"], "UNBLOCKED");
  const json forward = step(answer, "forward");
  EXPECT_EQ(forward["endpoints_of"], "production");
  EXPECT_EQ(answer["outcome"]["forwarded"], true);
  EXPECT_EQ(answer["outcome"]["to"], json({"http://127.0.0.1:8000/base/pet/7"}));
}

TEST_F(WhyTest, LimitsStandAsRequestsLeftThemAndOneRefuses) {
  serve();
  for (uint64_t used = 0; used <= 5; ++used) {
    const json answer = ask(kGood);
    const json levels = step(answer, "throttle")["levels"];
    ASSERT_EQ(levels.size(), 2U);
    EXPECT_EQ(levels[0]["level"], "subscription");
    EXPECT_EQ(levels[0]["policy"], "Gold");
    EXPECT_EQ(levels[0]["limit"], 5);
    EXPECT_EQ(levels[0]["unit"], "minute");
    EXPECT_EQ(levels[0]["used"], used);
    EXPECT_EQ(levels[0]["remains"], 5 - used);
    EXPECT_EQ(levels[0]["window_end_s"], 1'700'000'040);
    EXPECT_EQ(levels[0]["refuses"], used == 5);
    EXPECT_EQ(levels[1]["level"], "application");
    EXPECT_EQ(levels[1]["policy"], "AppPlan");
    EXPECT_EQ(levels[1]["used"], used);
    EXPECT_EQ(levels[1]["refuses"], false);
    EXPECT_EQ(answer["outcome"]["forwarded"], used < 5);
    spend();
  }
  const json outcome = ask(kGood)["outcome"];
  EXPECT_EQ(outcome["status"], 429);
  EXPECT_EQ(outcome["code"], 900804);
  EXPECT_EQ(outcome["body"]["code"], "900804");
  EXPECT_EQ(outcome["retry_at_s"], 1'700'000'040);
}

TEST_F(WhyTest, TheQueryIsLookedAtLikeTheHeader) {
  serve();
  const json answer =
      ask("method=GET&url=http://localhost/pets/1.0.0/pet/7?a=1%26APIKEY=secret-key");
  EXPECT_EQ(step(answer, "authenticate")["credentials"],
            json::parse(R"([{"where":"query","name":"apikey"}])"));
  EXPECT_EQ(answer["outcome"]["forwarded"], true);
}

TEST_F(WhyTest, TheKeyGoesWhereTheApiLooksForIt) {
  world_.catalog.apis.at(1).api.api_key_header = "X-Pets";
  serve();
  EXPECT_EQ(ask(kGood)["outcome"]["forwarded"], true);
  const json wrong = ask(std::string(kGood) + "&key_header=ApiKey");
  EXPECT_EQ(wrong["outcome"]["code"], 900902);
  EXPECT_EQ(step(wrong, "authenticate")["credentials"], json::array());
  const json right = ask(std::string(kGood) + "&key_header=x-pets");
  EXPECT_EQ(right["outcome"]["forwarded"], true);
}

TEST_F(WhyTest, NeitherKeyNorValuesAreTold) {
  serve();
  for (const std::string& form :
       {std::string(kGood), std::string(kGood) + "&header=ApiKey: secret-key",
        std::string("method=GET&url=http://localhost/pets/1.0.0/pet/7?apikey=secret-key"),
        std::string("method=GET&url=http://localhost/none?apikey=secret-key"),
        std::string("method=GET&url=http://localhost/pets/1.0.0/pet/7&header=A: secret-key"),
        std::string("method=GET&url=http://localhost/pets/1.0.0/pet/7&key=secret-key\x01")}) {
    EXPECT_THAT(page(form).body, Not(HasSubstr("secret-key"))) << form;
  }
}

TEST_F(WhyTest, RefusalsCarryWso2sCodeAndTheReason) {
  world_.catalog.subscriptions.at(1)[0].state = model::SubscriptionState::Blocked;
  serve();
  const std::string url = "method=GET&url=http://localhost/pets/1.0.0";
  const auto check = [&](const std::string& form, uint32_t status, uint32_t code,
                         const std::string& reason) {
    SCOPED_TRACE(form);
    const json answer = ask(form);
    EXPECT_EQ(answer["outcome"]["forwarded"], false);
    EXPECT_EQ(answer["outcome"]["status"], status);
    EXPECT_EQ(answer["outcome"]["code"], code);
    EXPECT_EQ(answer["outcome"]["reason"], reason);
    EXPECT_EQ(answer["steps"].back()["decision"], "answer");
    EXPECT_EQ(answer["steps"].back()["reason"], reason);
  };
  check("method=GET&url=http://localhost/none", 404, 404, "no context matches");
  check(url + "/none", 404, 404, "no operation has that path");
  check("method=DELETE&url=http://localhost/pets/1.0.0/pet", 405, 405,
        "no operation on that path has that method");
  check(url + "/pet/7", 401, 900902, "no credential");
  check(url + "/pet/7&key=wrong", 401, 900901, "no such key");
  check(url + "/pet/7&key=a&header=ApiKey: b", 401, 900901, "the key was sent more than once");
  check(url + "/pet/7&key=foreign-key", 403, 900908, "no subscription to the API");
  check(url + "/pet/7&key=secret-key", 401, 900907, "the subscription is blocked");
  check("method=GET&url=https://localhost/pets/1.0.0/../../..", 400, 400,
        ask("method=GET&url=https://localhost/pets/1.0.0/../../..")["outcome"]["reason"]);
  const json blocked = step(ask(url + "/pet/7&key=secret-key"), "authenticate");
  EXPECT_EQ(blocked["application"]["name"], "app1");
  EXPECT_EQ(blocked["subscription"]["state"], "BLOCKED");
  EXPECT_EQ(step(ask(url + "/pet/7&key=foreign-key"), "authenticate")["subscription"], nullptr);
}

TEST_F(WhyTest, HostileRequestsAreRefusedAsOnTheWire) {
  serve();
  const auto status_of = [&](const std::string& form) {
    const json answer = ask(form);
    EXPECT_EQ(answer["steps"].size(), 1U);
    return answer["outcome"]["status"].get<int>();
  };
  const std::string get = "method=GET&url=http://localhost/pets/1.0.0/pet/7";
  EXPECT_EQ(status_of("method=BREW&url=http://localhost/"), 501);
  EXPECT_EQ(status_of("method=GET+/&url=http://localhost/"), 400);
  EXPECT_EQ(status_of("method=GET&url=http://localhost/%25zz"), 400);
  EXPECT_EQ(status_of("method=GET&url=http://user@localhost/"), 400);
  EXPECT_EQ(status_of("method=GET&url=http://localhost/%23fragment"), 400);
  EXPECT_EQ(status_of(get + "&header=no colon"), 400);
  EXPECT_EQ(status_of(get + "&header=+folded: x"), 400);
  EXPECT_EQ(status_of(get + "&header=Host: a&header=Host: b"), 400);
  EXPECT_EQ(status_of(get + "&header=Content-Length: 1&header=Transfer-Encoding: chunked"), 400);
  EXPECT_EQ(status_of(get + "&header=Content-Length: 99999999999"), 413);
  EXPECT_EQ(status_of(get + "&header=Expect: tea"), 417);
  EXPECT_EQ(status_of(get + "&header=X: " + std::string(40'000, 'a')), 431);
  EXPECT_EQ(status_of(get + std::string(9'000, 'a')), 414);
}

TEST_F(WhyTest, AHostIsServedByItsVhostOrTheDefaultOne) {
  serve();
  const std::string form = "method=GET&url=http://10.0.0.9:8280/pets/1.0.0/open";
  EXPECT_EQ(step(ask(form), "match")["vhost_by"], "default");
  settings_.listen.default_vhost = "";
  EXPECT_EQ(step(ask(form), "match")["vhost"], nullptr);
  EXPECT_EQ(ask(form)["outcome"]["status"], 404);
}

TEST_F(WhyTest, WithoutAuthenticationTheCallerIsAnonymousAndCountedByAddress) {
  serve();
  const json answer = ask("method=GET&url=http://localhost/pets/1.0.0/open&client=10.1.2.3");
  const json auth = step(answer, "authenticate");
  EXPECT_EQ(auth["demands"], json::array());
  EXPECT_EQ(auth["user"], "anonymous");
  EXPECT_EQ(auth["application"], nullptr);
  const json levels = step(answer, "throttle")["levels"];
  ASSERT_EQ(levels.size(), 1U);
  EXPECT_EQ(levels[0]["policy"], "Unauthenticated");
  EXPECT_EQ(levels[0]["limit"], 500);
}

TEST_F(WhyTest, ADenyConditionIsNamed) {
  world_.catalog.denies.push_back({.id = 1,
                                   .uuid = "d",
                                   .tenant = "carbon.super",
                                   .kind = model::DenyCondition::Kind::Application,
                                   .value = "alice:app1",
                                   .last = "",
                                   .inverted = false,
                                   .enabled = true});
  serve();
  const json answer = ask(kGood);
  EXPECT_EQ(step(answer, "throttle")["denied"],
            json::parse(R"({"by":"application","value":"alice:app1"})"));
  EXPECT_EQ(answer["outcome"]["code"], 900805);
}

TEST_F(WhyTest, APreflightIsAnsweredWithoutFault) {
  serve();
  const json answer = ask("method=OPTIONS&url=http://localhost/pets/1.0.0/pet");
  EXPECT_EQ(answer["outcome"]["forwarded"], false);
  EXPECT_EQ(answer["outcome"]["status"], 200);
  EXPECT_FALSE(answer["outcome"].contains("code"));
  EXPECT_EQ(step(answer, "match")["allow"], "POST, OPTIONS");
}

TEST_F(WhyTest, ATrustedProxysClientIsBelieved) {
  settings_.listen.trusted_proxies = {*parse_range("127.0.0.1")};
  serve();
  const json answer = ask(std::string(kGood) + "&header=X-Forwarded-For: 10.9.8.7");
  EXPECT_EQ(step(answer, "parse")["client"], "10.9.8.7");
  EXPECT_EQ(step(ask(std::string(kGood) + "&client=10.0.0.1&header=X-Forwarded-For: 10.9.8.7"),
                 "parse")["client"],
            "10.0.0.1");
}

TEST_F(WhyTest, TheWorkersSayWhichEndpointTheyWouldTake) {
  world_.catalog.apis.at(1).api.production = {
      .balance = model::Balance::RoundRobin,
      .endpoints = {{.url = "http://127.0.0.1:8000", .tuning = {}},
                    {.url = "http://127.0.0.1:8001", .tuning = {}}}};
  serve();
  choose_ = [](const ChoiceQuestion& question) {
    return std::vector<WorkerChoice>{
        {.worker = 0, .choice = upstream::Balance::Choice{question.group->endpoints()->Get(1), 1}},
        {.worker = 1,
         .choice = std::unexpected(fault(FaultCode::NoBackendReady, "all of them rest"))}};
  };
  const json answer = ask(kGood);
  EXPECT_EQ(asked_group_, image_->find_api(1)->production());
  EXPECT_EQ(answer["outcome"]["to"], json({"http://127.0.0.1:8001/pet/7"}));
  const json forward = step(answer, "forward");
  EXPECT_EQ(forward["balance"], "round_robin");
  EXPECT_EQ(forward["endpoints"].size(), 2U);
  EXPECT_EQ(forward["next"][0]["url"], "http://127.0.0.1:8001/pet/7");
  EXPECT_EQ(forward["next"][1]["code"], 303000);
}

TEST_F(WhyTest, WhenNoWorkerWouldForwardThatIsTheAnswer) {
  serve();
  choose_ = [](const ChoiceQuestion&) {
    return std::vector<WorkerChoice>{
        {.worker = 0, .choice = std::unexpected(fault(FaultCode::BackendSuspended, "it rests"))}};
  };
  const json outcome = ask(kGood)["outcome"];
  EXPECT_EQ(outcome["forwarded"], false);
  EXPECT_EQ(outcome["status"], 500);
  EXPECT_EQ(outcome["code"], 303001);
}

TEST_F(WhyTest, WithoutASnapshotEverythingIs503) {
  const json answer = ask(kGood);
  EXPECT_EQ(answer["epoch"], 0);
  EXPECT_EQ(answer["outcome"]["status"], 503);
  EXPECT_EQ(answer["outcome"]["fault"], "NotReady");
}

TEST_F(WhyTest, AWrongQuestionIsNotAnswered) {
  serve();
  EXPECT_EQ(page("method=GET").status, 400);
  EXPECT_EQ(page("method=GET&url=localhost").status, 400);
  EXPECT_EQ(page("method=GET&url=http://localhost/&header=A: b%0d%0aC: d").status, 400);
  EXPECT_EQ(page(kGood, "application/json").status, 415);
  EXPECT_EQ(page(kGood, "").status, 415);
  EXPECT_EQ(page(kGood, "application/x-www-form-urlencoded; charset=utf-8").status, 200);
  EXPECT_EQ(page(kGood, kForm, "http://evil.example").status, 403);
}

}  // namespace
}  // namespace apim::gate
