// What match() promises: vhost, longest context, transport, 404, 405, preflight, blocked.

#include "match/match.h"

#include "support/world.h"

namespace apim::match {
namespace {

using http::Method;
using model::Verb;
using test::Call;
using test::make_image;
using test::operation;
using test::Worker;
using test::World;

const Settings kSettings{.default_vhost = "localhost"};

World pizza_world() {
  World world;
  world.add_api(1, "pizza",
                {operation(Verb::Get, "/menu"), operation(Verb::Post, "/menu"),
                 operation(Verb::Get, "/order/{id}")});
  return world;
}

TEST(Match, FindsTheOperationBelowTheContext) {
  Worker worker(make_image(pizza_world().catalog));
  Call call(worker, Method::Get, "/pizza/1.0.0/order/7");
  ASSERT_EQ(match(call.x, kSettings), Verdict::Next);
  EXPECT_EQ(call.x.route.api->id(), 1U);
  EXPECT_EQ(call.x.route.operation->target()->string_view(), "/order/{id}");
  EXPECT_EQ(call.x.route.resource, "/order/7");
  EXPECT_FALSE(call.x.route.by_default_version);
}

TEST(Match, APathOutsideEveryContextIs404) {
  Worker worker(make_image(pizza_world().catalog));
  for (const auto* path : {"/", "/pizza", "/pizza/1.0.00/menu", "/pizza/1.0.0x/menu",
                           "/Pizza/1.0.0/menu", "/pasta/1.0.0"}) {
    Call call(worker, Method::Get, path);
    EXPECT_EQ(match(call.x, kSettings), Verdict::Answer) << path;
    EXPECT_EQ(call.x.answer.code, FaultCode::ApiNotFound) << path;
    EXPECT_EQ(call.x.answer.status, 404) << path;
  }
}

TEST(Match, AnUnknownPathIs404AndAnUnknownMethod405WithAllow) {
  Worker worker(make_image(pizza_world().catalog));
  Call unknown(worker, Method::Get, "/pizza/1.0.0/pasta");
  EXPECT_EQ(match(unknown.x, kSettings), Verdict::Answer);
  EXPECT_EQ(unknown.x.answer.code, FaultCode::ResourceNotFound);
  Call wrong(worker, Method::Delete, "/pizza/1.0.0/menu");
  EXPECT_EQ(match(wrong.x, kSettings), Verdict::Answer);
  EXPECT_EQ(wrong.x.answer.status, 405);
  EXPECT_EQ(wrong.x.answer.allow, "GET, POST");
}

TEST(Match, HeadIsNotImpliedByGet) {
  Worker worker(make_image(pizza_world().catalog));
  Call call(worker, Method::Head, "/pizza/1.0.0/menu");
  EXPECT_EQ(match(call.x, kSettings), Verdict::Answer);
  EXPECT_EQ(call.x.answer.status, 405);
}

TEST(Match, OptionsThatIsNotDeclaredIsAnswered200WithoutFault) {
  Worker worker(make_image(pizza_world().catalog));
  Call call(worker, Method::Options, "/pizza/1.0.0/menu");
  EXPECT_EQ(match(call.x, kSettings), Verdict::Answer);
  EXPECT_EQ(call.x.answer.status, 200);
  EXPECT_EQ(call.x.answer.code, FaultCode::kCount);
  EXPECT_EQ(call.x.answer.allow, "GET, POST, OPTIONS");
  Call nowhere(worker, Method::Options, "/pizza/1.0.0/pasta");
  EXPECT_EQ(match(nowhere.x, kSettings), Verdict::Answer);
  EXPECT_EQ(nowhere.x.answer.status, 404);
}

TEST(Match, OptionsThatIsDeclaredGoesOn) {
  World world = pizza_world();
  world.catalog.apis.at(1).api.operations.push_back(operation(Verb::Options, "/menu"));
  Worker worker(make_image(world.catalog));
  Call call(worker, Method::Options, "/pizza/1.0.0/menu");
  EXPECT_EQ(match(call.x, kSettings), Verdict::Next);
}

TEST(Match, TheContextAloneIsTheRoot) {
  World world;
  world.add_api(1, "pizza", {operation(Verb::Get, "/*")});
  Worker worker(make_image(world.catalog));
  for (const auto* path : {"/pizza/1.0.0", "/pizza/1.0.0/"}) {
    Call call(worker, Method::Get, path);
    ASSERT_EQ(match(call.x, kSettings), Verdict::Next) << path;
    EXPECT_EQ(call.x.route.resource, "/") << path;
  }
}

TEST(Match, TheLongestContextWins) {
  World world;
  world.add_api(1, "a", {operation(Verb::Get, "/*")}).context = "/a/1.0.0";
  model::Api& inner = world.add_api(2, "inner", {operation(Verb::Get, "/*")});
  inner.context = "/a/1.0.0/b/1.0.0";
  inner.context_template = "/a/1.0.0/b/{version}";
  Worker worker(make_image(world.catalog));
  const auto api_of = [&](std::string_view path) {
    Call call(worker, Method::Get, path);
    EXPECT_EQ(match(call.x, kSettings), Verdict::Next) << path;
    return call.x.route.api->id();
  };
  EXPECT_EQ(api_of("/a/1.0.0/b/1.0.0/x"), 2U);
  EXPECT_EQ(api_of("/a/1.0.0/b/1.0.0"), 2U);
  EXPECT_EQ(api_of("/a/1.0.0/b/1.0.0x"), 1U);
  EXPECT_EQ(api_of("/a/1.0.0/b"), 1U);
}

TEST(Match, TheRootContextTakesTheWholePathWhenNoOtherMatches) {
  World world;
  model::Api& root = world.add_api(1, "root", {operation(Verb::Get, "/*")});
  root.context = "/1.0.0";
  root.context_template = "/{version}";
  root.is_default_version = true;
  world.add_api(2, "pizza", {operation(Verb::Get, "/menu")});
  Worker worker(make_image(world.catalog));
  const auto reached = [&](std::string_view path) {
    Call call(worker, Method::Get, path);
    EXPECT_EQ(match(call.x, kSettings), Verdict::Next) << path;
    return std::tuple(call.x.route.api->id(), std::string(call.x.route.resource),
                      call.x.route.by_default_version);
  };
  EXPECT_EQ(reached("/"), std::tuple(1U, "/", true));
  EXPECT_EQ(reached("/a"), std::tuple(1U, "/a", true));
  EXPECT_EQ(reached("/a/b/"), std::tuple(1U, "/a/b/", true));
  EXPECT_EQ(reached("/pizza"), std::tuple(1U, "/pizza", true));
  EXPECT_EQ(reached("/1.0.0/a"), std::tuple(1U, "/a", false));
  EXPECT_EQ(reached("/pizza/1.0.0/menu"), std::tuple(2U, "/menu", false));
}

TEST(Match, TheRootContextAloneOnItsVhost) {
  World world;
  world.add_api(1, "root", {operation(Verb::Get, "/menu")}).context = "/";
  world.catalog.apis.at(1).api.context_template.clear();
  Worker worker(make_image(world.catalog));
  Call call(worker, Method::Get, "/menu");
  ASSERT_EQ(match(call.x, kSettings), Verdict::Next);
  EXPECT_EQ(call.x.route.resource, "/menu");
}

TEST(Match, ADefaultVersionIsReachedWithoutItsVersion) {
  World world;
  world.add_api(1, "pizza", {operation(Verb::Get, "/menu")}).is_default_version = true;
  Worker worker(make_image(world.catalog));
  Call call(worker, Method::Get, "/pizza/menu");
  ASSERT_EQ(match(call.x, kSettings), Verdict::Next);
  EXPECT_TRUE(call.x.route.by_default_version);
  EXPECT_EQ(call.x.route.resource, "/menu");
  Call versioned(worker, Method::Get, "/pizza/1.0.0/menu");
  ASSERT_EQ(match(versioned.x, kSettings), Verdict::Next);
  EXPECT_FALSE(versioned.x.route.by_default_version);
}

TEST(Match, HostsAreApartAndUnknownOnesAreTheDefaultVhost) {
  World world = pizza_world();
  world.add_api(2, "pasta", {operation(Verb::Get, "/menu")});
  world.catalog.apis.at(2).vhosts = {"gw.example"};
  Worker worker(make_image(world.catalog));
  const auto served = [&](std::string_view host, std::string_view path, const Settings& settings) {
    Call call(worker, Method::Get, path);
    call.x.request.host = host;
    return match(call.x, settings) == Verdict::Next;
  };
  EXPECT_TRUE(served("gw.example", "/pasta/1.0.0/menu", kSettings));
  EXPECT_FALSE(served("gw.example", "/pizza/1.0.0/menu", kSettings));
  EXPECT_FALSE(served("localhost", "/pasta/1.0.0/menu", kSettings));
  EXPECT_TRUE(served("10.1.2.3", "/pizza/1.0.0/menu", kSettings));
  EXPECT_FALSE(served("10.1.2.3", "/pizza/1.0.0/menu", Settings{}));
}

TEST(Match, ATransportThatTheApiDoesNotOfferIs403) {
  World world = pizza_world();
  world.catalog.apis.at(1).api.http = false;
  Worker worker(make_image(world.catalog));
  Call clear(worker, Method::Get, "/pizza/1.0.0/menu");
  EXPECT_EQ(match(clear.x, kSettings), Verdict::Answer);
  EXPECT_EQ(clear.x.answer.code, FaultCode::TransportRefused);
  EXPECT_EQ(clear.x.answer.status, 403);
  Call tls(worker, Method::Get, "/pizza/1.0.0/menu");
  tls.x.client.tls = true;
  EXPECT_EQ(match(tls.x, kSettings), Verdict::Next);
}

TEST(Match, ABlockedApiIs503) {
  World world = pizza_world();
  world.catalog.apis.at(1).api.lifecycle = model::Lifecycle::Blocked;
  Worker worker(make_image(world.catalog));
  Call call(worker, Method::Get, "/pizza/1.0.0/menu");
  EXPECT_EQ(match(call.x, kSettings), Verdict::Answer);
  EXPECT_EQ(call.x.answer.status, 503);
  EXPECT_EQ(call.x.answer.body,
            R"({"code":"700700","type":"API blocked","description":"This API has been blocked )"
            R"(temporarily. Please try )"
            R"(again later or contact the system administrators."})");
}

}  // namespace
}  // namespace apim::match
