// What the admin port promises: pages over the same wire rules as the traffic port.

#include "gate/admin_server.h"

#include <gmock/gmock.h>

#include "dataplane/net/support_loop.h"
#include "gate/connections.h"

namespace apim::gate {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(AdminServer, ServesPagesAndEndsWhenTold) {
  net::Loop loop;
  const auto socket = net::listen_socket("127.0.0.1", 0);
  ASSERT_TRUE(socket);
  bool is_stopped = false;
  AdminServer server(
      loop, *socket,
      [](const AdminRequest& request) {
        return AdminPage{.status = 200,
                         .content_type = "text/plain",
                         .allow = {},
                         .body = std::string(request.path) + std::string(request.body)};
      },
      [&] { is_stopped = true; });
  const auto client = test::RawSocket::connect(socket->port);
  const auto expect = [&](const std::string& text) {
    net::run_until(loop, [&] {
      client->receive_more(1);
      return client->text().find(text) != std::string::npos;
    });
  };
  client->send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
  expect("\r\n\r\n/page");
  client->send("HEAD /longer HTTP/1.1\r\nHost: a\r\n\r\n");
  expect("Content-Length: 7\r\n\r\n");
  client->send(
      "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n");
  expect("HTTP/1.1 100 Continue\r\n\r\n");
  client->send("?wh");
  client->send("y=1");
  client->send("!");
  expect("\r\n\r\n/form?why=1!");
  client->send("POST /none HTTP/1.1\r\nHost: a\r\n\r\n");
  expect("\r\n\r\n/none");
  client->send("GET /bad\r\n\r\n");
  expect("HTTP/1.1 400 ");
  server.leave();
  net::run_until(loop, [&] { return is_stopped; });
  net::run_out(loop);
}

TEST(AdminServer, TakesOnlySoMuchOfABody) {
  net::Loop loop;
  const auto socket = net::listen_socket("127.0.0.1", 0);
  ASSERT_TRUE(socket);
  bool is_stopped = false;
  size_t page_count = 0;
  AdminServer server(
      loop, *socket,
      [&](const AdminRequest&) {
        ++page_count;
        return AdminPage{};
      },
      [&] { is_stopped = true; });
  for (const std::string& head :
       {"Content-Length: " + std::to_string(AdminServer::kBodyBytesMax + 1) + "\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n40001\r\n" +
            std::string(AdminServer::kBodyBytesMax + 1, 'a')}) {
    const auto client = test::RawSocket::connect(socket->port);
    client->send("POST /why HTTP/1.1\r\nHost: a\r\n" + head);
    net::run_until(loop, [&] {
      client->receive_more(1);
      return client->text().find("HTTP/1.1 413 ") != std::string::npos;
    });
  }
  EXPECT_EQ(page_count, 0U);
  server.leave();
  net::run_until(loop, [&] { return is_stopped; });
  net::run_out(loop);
}

TEST(AdminServer, EndsAtOnceWithoutConnections) {
  net::Loop loop;
  const auto socket = net::listen_socket("127.0.0.1", 0);
  bool is_stopped = false;
  AdminServer server(
      loop, *socket, [](const AdminRequest&) { return AdminPage{}; }, [&] { is_stopped = true; });
  server.leave();
  EXPECT_TRUE(is_stopped);
  net::run_out(loop);
}

}  // namespace
}  // namespace apim::gate
