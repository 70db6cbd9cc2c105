// What every route promises: logins, permissions, content types, preconditions.

#include "rest/dispatch.h"

#include <gtest/gtest.h>

#include "controller/rest/support_house.h"

namespace apim::rest {
namespace {

using testing::Ask;
using testing::House;
using testing::kApim;
using testing::kDevportal;
using testing::kPublisher;
using testing::Reply;

// A path that the route's pattern matches.
std::string path_of(const Route& route) {
  std::string path = std::string(route.base) + std::string(route.pattern);
  for (size_t open = path.find('{'); open != std::string::npos; open = path.find('{'))
    path.replace(open, path.find('}') - open + 1, "x");
  return path;
}

Ask ask_of(const Route& route, const std::string& user) {
  Ask ask{.method = std::string(route.method), .path = path_of(route)};
  ask.user = user;
  if (route.body == Body::Json) ask.body = "{}";
  if (route.body == Body::Form) {
    ask.body = "--b--\r\n";
    ask.type = "multipart/form-data; boundary=b";
  }
  return ask;
}

void expect_error_body(const Reply& reply) {
  const auto body = reply.json();
  for (const char* member : {"code", "message", "description", "moreInfo", "error"})
    EXPECT_TRUE(body.contains(member)) << member;
}

TEST(Dispatch, NoRouteOpensWithoutALoginUnlessItSaysSo) {
  const House house;
  size_t closed = 0;
  for (const Route* route : all_routes()) {
    SCOPED_TRACE(std::string(route->method) + " " + path_of(*route));
    const Reply reply = house.ask(ask_of(*route, ""));
    if (!route->permission.needs_login()) {
      EXPECT_EQ(route->method, "GET");  // nothing changes without a login
      EXPECT_NE(reply.status, 401);
      continue;
    }
    ++closed;
    EXPECT_EQ(reply.status, 401);
    EXPECT_TRUE(reply.header("www-authenticate").starts_with("Basic "));
    expect_error_body(reply);
  }
  EXPECT_GT(closed, 60U);
}

TEST(Dispatch, AUserWithoutRolesGetsNowhere) {
  House house;
  house.add_user("eve", "nothing at all", {});
  for (const Route* route : all_routes()) {
    const bool is_open = !route->permission.needs_login() || route->permission.to_text().empty();
    if (is_open) continue;
    SCOPED_TRACE(std::string(route->method) + " " + path_of(*route));
    const Reply reply = house.ask(ask_of(*route, "eve:nothing at all"));
    EXPECT_EQ(reply.status, 403);
    expect_error_body(reply);
  }
}

TEST(Dispatch, AnAdministratorIsNeverForbidden) {
  const House house;
  for (const Route* route : all_routes()) {
    SCOPED_TRACE(std::string(route->method) + " " + path_of(*route));
    const Reply reply = house.ask(ask_of(*route, "admin:correct horse"));
    EXPECT_NE(reply.status, 401);
    EXPECT_NE(reply.status, 403);
    EXPECT_LT(reply.status, 500) << reply.body;
    if (reply.status >= 400) expect_error_body(reply);
  }
}

TEST(Dispatch, AWrongPasswordIs401) {
  const House house;
  EXPECT_EQ(house.ask({.path = kPublisher + "/apis", .user = "admin:wrong"}).status, 401);
  EXPECT_EQ(house
                .ask({.path = kPublisher + "/apis",
                      .user = "",
                      .headers = {{"Authorization", "Bearer abc"}}})
                .status,
            401);
  EXPECT_EQ(house
                .ask({.path = kPublisher + "/apis",
                      .user = "",
                      .headers = {{"Authorization", "Basic %%%"}}})
                .status,
            401);
  EXPECT_EQ(house.ask({.path = kPublisher + "/apis", .user = "no-colon"}).status, 401);
}

TEST(Dispatch, PathsThatCouldBeReadTwiceAreRefused) {
  const House house;
  for (const char* path : {"//apis", "/./apis", "/x/../apis", "/apis/", "/%2e%2e/apis", "/apis%2fx",
                           "/apis%00", "/apis/%zz", "/apis/\\x"}) {
    SCOPED_TRACE(path);
    const int status = house.ask({.path = kPublisher + path, .user = ""}).status;
    EXPECT_TRUE(status == 400 || status == 404) << status;
  }
  EXPECT_EQ(house.ask({.path = kPublisher + "/%61pis"}).status, 200);
}

TEST(Dispatch, UnknownPathsAre404AndUnknownMethods405) {
  const House house;
  EXPECT_EQ(house.get("/api/am/publisher/v4/nothing").status, 404);
  EXPECT_EQ(house.get("/").status, 404);
  const Reply reply = house.ask({.method = "PATCH", .path = kPublisher + "/apis", .body = "{}"});
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.header("allow"), "GET, HEAD, OPTIONS, POST");
  const Reply options = house.ask({.method = "OPTIONS", .path = kPublisher + "/apis", .user = ""});
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("allow"), "GET, HEAD, OPTIONS, POST");
}

TEST(Dispatch, WrongTypesAre415And406) {
  const House house;
  EXPECT_EQ(
      house
          .ask({.method = "POST", .path = kPublisher + "/apis", .body = "{}", .type = "text/plain"})
          .status,
      415);
  EXPECT_EQ(house.ask({.method = "POST", .path = kPublisher + "/apis/import", .body = "{}"}).status,
            415);
  EXPECT_EQ(house.ask({.path = kPublisher + "/apis", .headers = {{"Accept", "image/png"}}}).status,
            406);
  EXPECT_EQ(
      house.ask({.path = kPublisher + "/apis", .headers = {{"Accept", "application/json"}}}).status,
      200);
}

TEST(Dispatch, OtherSitesPagesChangeNothing) {
  const House house;
  const Ask ask{.method = "POST",
                .path = kDevportal + "/applications",
                .body = R"({"name": "a", "throttlingPolicy": "Unlimited"})",
                .headers = {{"Origin", "https://evil.example"}}};
  EXPECT_EQ(house.ask(ask).status, 403);
  EXPECT_EQ(house.get(kDevportal + "/applications").json()["count"], 0);
}

TEST(Dispatch, EtagsSpareBytesAndGuardChanges) {
  const House house;
  const Reply made = house.post(kDevportal + "/applications",
                                {{"name", "shop"}, {"throttlingPolicy", "Unlimited"}});
  ASSERT_EQ(made.status, 201);
  const std::string path = made.header("location");
  const Reply read = house.get(path);
  const std::string etag = read.header("etag");
  EXPECT_EQ(house.ask({.path = path, .headers = {{"If-None-Match", etag}}}).status, 304);
  const std::string wanted =
      R"({"name": "shop", "throttlingPolicy": "Unlimited", "description": "new"})";
  EXPECT_EQ(house
                .ask({.method = "PUT",
                      .path = path,
                      .body = wanted,
                      .headers = {{"If-Match", "\"other\""}}})
                .status,
            412);
  EXPECT_EQ(
      house.ask({.method = "PUT", .path = path, .body = wanted, .headers = {{"If-Match", etag}}})
          .status,
      200);
  EXPECT_EQ(house.ask({.method = "DELETE", .path = path, .headers = {{"If-Match", etag}}}).status,
            412);
}

TEST(Dispatch, EveryChangeSaysItsEpoch) {
  const House house;
  const Reply made = house.post(kDevportal + "/applications",
                                {{"name", "shop"}, {"throttlingPolicy", "Unlimited"}});
  const std::string epoch = made.header("apim-epoch");
  ASSERT_FALSE(epoch.empty());
  EXPECT_EQ(house.get(kApim + "/info").json()["epoch"].dump(), epoch);
}

TEST(Dispatch, OnlyTheRolesThatWereAskedForAreServed) {
  const House house({}, {Role::Devportal});
  EXPECT_EQ(house.get(kDevportal + "/apis").status, 200);
  EXPECT_EQ(house.get(kPublisher + "/apis").status, 404);
  EXPECT_EQ(house.get(testing::kAdmin + "/environments").status, 404);
  EXPECT_EQ(house.get(kApim + "/info").status, 200);
}

}  // namespace
}  // namespace apim::rest
