// What the server promises about connections, framing and bodies. Real TLS sockets.

#include "rest/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <charconv>

#include "controller/rest/support_house.h"

namespace apim::rest {
namespace {

using testing::House;
using testing::kApim;
using testing::kPublisher;

// Statuses of every answer in what came over a connection.
std::vector<int> statuses(const std::string& text) {
  std::vector<int> found;
  for (size_t at = text.find("HTTP/1.1 "); at != std::string::npos;
       at = text.find("HTTP/1.1 ", at + 1)) {
    int status = 0;
    std::from_chars(text.data() + at + 9, text.data() + at + 12, status);
    found.push_back(status);
  }
  return found;
}

const std::string kHost = "Host: localhost\r\n";

TEST(Server, AnUnreadBodyIsNeverTakenForARequest) {
  const House house;
  const std::string hidden = "GET " + kApim + "/info HTTP/1.1\r\n" + kHost + "\r\n";
  for (const std::string& framing :
       {std::string("Content-Length: ") + std::to_string(hidden.size()),
        std::string("Content-Length: 10, 10"), std::string("Content-Length: +5"),
        std::string("Transfer-Encoding: gzip, chunked"),
        std::string("Content-Length: 3\r\nContent-Length: 4"),
        std::string("Content-Length: 4\r\nTransfer-Encoding: chunked"),
        std::string("Content-Encoding: gzip\r\nContent-Length: 4")}) {
    SCOPED_TRACE(framing);
    EXPECT_EQ(statuses(house.raw("GET " + kApim + "/info HTTP/1.1\r\n" + kHost + framing +
                                 "\r\n\r\n" + hidden)),
              std::vector<int>{400});
  }
}

TEST(Server, ARefusedBodyLeavesTheConnectionUsable) {
  const House house;
  const std::string refused =
      "POST " + kPublisher + "/apis HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\n\r\n12345";
  const std::string next =
      "GET " + kApim + "/info HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n";
  EXPECT_EQ(statuses(house.raw(refused, next)), (std::vector<int>{401, 200}));
}

TEST(Server, APortIsServedByOneOnly) {
  const House house;
  service::testing::Office office;
  service::Login login(office.store(), {});
  const Router router({Role::Publisher});
  const Dispatch dispatch(office.context(), login, router, {});
  const auto certificate = load_or_make_certificate(office.folder() / "tls");
  ASSERT_TRUE(certificate.has_value());
  const auto second = Server::open(
      dispatch,
      {.host = "127.0.0.1", .port = house.port(), .threads = 1, .certificate = *certificate});
  ASSERT_FALSE(second.has_value());
  const std::string place = "127.0.0.1 port " + std::to_string(house.port());
  EXPECT_NE(second.error().description.find(place + ": address in use"), std::string::npos)
      << second.error().description;
}

TEST(Server, ADuplicateFieldIsRefused) {
  const House house;
  EXPECT_EQ(statuses(house.raw("GET " + kApim + "/info HTTP/1.1\r\n" + kHost + kHost + "\r\n")),
            std::vector<int>{400});
}

TEST(Server, WhatIsNotHttpGetsAnAnswerInJson) {
  const House house;
  for (const std::string& bytes :
       {std::string("NONSENSE\r\n\r\n"), std::string("GET /a HTTP/9.9\r\n\r\n"),
        "TRACE " + kApim + "/info HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"}) {
    SCOPED_TRACE(bytes);
    const std::string answer = house.raw(bytes);
    const auto codes = statuses(answer);
    ASSERT_EQ(codes.size(), 1U);
    EXPECT_TRUE(codes[0] == 400 || codes[0] == 405) << answer;
    EXPECT_NE(answer.find("\"moreInfo\""), std::string::npos);
  }
}

TEST(Server, ALongTargetIsAnsweredNotCrashedOn) {
  const House house;
  const auto reply = house.ask({.path = "/" + std::string(8000, 'a')});
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(house.ask({.path = "/" + std::string(9000, 'a')}).status, 414);
}

TEST(Server, ABodyBeyondItsBoundIs413) {
  const House house({.json_bytes_max = 1000, .form_bytes_max = 5000});
  EXPECT_EQ(
      house.ask({.method = "POST", .path = kPublisher + "/apis", .body = std::string(1001, ' ')})
          .status,
      413);
  EXPECT_EQ(house.upload(kPublisher + "/apis/import", std::string(6000, 'x')).status, 413);
  EXPECT_EQ(
      house.ask({.method = "POST", .path = kPublisher + "/apis", .body = std::string(1000, ' ')})
          .status,
      400);
  EXPECT_EQ(house.ask({.method = "DELETE", .path = kPublisher + "/apis/x", .body = "{}"}).status,
            413);
}

TEST(Server, AnAnnouncedHugeBodyIsRefusedUnread) {
  const House house;
  const std::string answer =
      house.raw("POST " + kPublisher + "/apis HTTP/1.1\r\n" + kHost +
                "Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{}");
  EXPECT_EQ(statuses(answer), std::vector<int>{401});
}

TEST(Server, AChunkedBodyIsReadAndBounded) {
  const House house({.json_bytes_max = 1000});
  const auto chunked = [&](const std::string& body) {
    char size[16];
    const auto end = std::to_chars(size, size + sizeof(size), body.size(), 16).ptr;
    return house.raw(
        "POST " + testing::kDevportal + "/applications HTTP/1.1\r\n" + kHost +
        "Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZQ==\r\nContent-Type: application/json\r\n"
        "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
        std::string(size, end) + "\r\n" + body + "\r\n0\r\n\r\n");
  };
  EXPECT_EQ(statuses(chunked(R"({"name": "shop", "throttlingPolicy": "Unlimited"})")),
            std::vector<int>{201});
  EXPECT_EQ(statuses(chunked(std::string(2000, ' '))), std::vector<int>{413});
}

TEST(Server, HeadHasNoBodyAndRangesAreIgnored) {
  const House house;
  const std::string answer =
      house.raw("HEAD " + kApim + "/info HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n");
  EXPECT_EQ(statuses(answer), std::vector<int>{200});
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
  EXPECT_EQ(house.ask({.path = kApim + "/info", .headers = {{"Range", "bytes=0-3"}}}).status, 200);
}

TEST(Server, ManyClientsAtOnceAreAllAnswered) {
  const House house;
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&, i] {
      const auto made =
          house.post(testing::kDevportal + "/applications",
                     {{"name", "shop" + std::to_string(i)}, {"throttlingPolicy", "Unlimited"}});
      good += made.status == 201 && house.get(kApim + "/info").status == 200;
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(good, 16);
  EXPECT_EQ(house.get(testing::kDevportal + "/applications").json()["pagination"]["total"], 16);
}

TEST(Server, ATakenPortIsAnErrorThatNamesIt) {
  const House house;
  service::testing::Office office;
  service::Login login(office.store(), {});
  const Router router({});
  const Dispatch dispatch(office.context(), login, router, {});
  ServerSettings settings;
  settings.host = "127.0.0.1";
  settings.port = house.port();
  settings.certificate = service::testing::must(load_or_make_certificate(office.folder() / "tls"));
  // The library shares a port that another listener shares too; a foreign address is refused by any
  // system.
  settings.host = "192.0.2.1";
  const auto refused = Server::open(dispatch, settings);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().description.find("192.0.2.1"), std::string::npos);
}

}  // namespace
}  // namespace apim::rest
