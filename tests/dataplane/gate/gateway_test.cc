// What the process promises before it serves: what cannot work is said, and nothing stays open.

#include "gate/gateway.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/sockets.h"

namespace apim::gate {
namespace {

using testing::HasSubstr;

class GatewayTest : public testing::Test {
 protected:
  GatewayTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("apim-gateway-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_ / "hub");
    std::ofstream(folder_ / "key.pub") << "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n";
    settings_ = default_settings();
    settings_.listen.http = {.host = "127.0.0.1", .address = {}, .port = 0};
    settings_.listen.admin = {.host = "127.0.0.1", .address = {}, .port = 0};
    settings_.snapshot.hub = "directory:" + (folder_ / "hub").string();
    settings_.snapshot.public_key_file = folder_ / "key.pub";
    settings_.snapshot.cache_dir = folder_ / "cache";
    settings_.worker.count = 2;
  }
  ~GatewayTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  Settings settings_;
};

TEST_F(GatewayTest, APortThatIsTakenIsNamed) {
  const int taken = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ASSERT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(taken, 1), 0);
  ASSERT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &length), 0);
  settings_.listen.http.port = ntohs(address.sin_port);
  Gateway gateway(settings_);
  const auto opened = gateway.open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error(), HasSubstr("listen.http: cannot listen on"));
  ::close(taken);
}

TEST_F(GatewayTest, AnAuthorityFileThatIsNoneIsNamed) {
  settings_.upstream.ca_file = folder_ / "nothing.pem";
  Gateway gateway(settings_);
  EXPECT_THAT(gateway.open().error(), HasSubstr("upstream.ca_file"));
}

TEST_F(GatewayTest, ServesUntilItIsTold) {
  Gateway gateway(settings_);
  const auto opened = gateway.open();
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_NE(gateway.http_port(), 0);
  std::thread client([&] {
    const auto socket = test::RawSocket::connect(gateway.admin_port());
    socket->send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(socket->receive_message(), HasSubstr("HTTP/1.1 503 "));
    const auto traffic = test::RawSocket::connect(gateway.http_port());
    traffic->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(traffic->receive_message(), HasSubstr("HTTP/1.1 503 "));
    ::kill(getpid(), SIGTERM);
  });
  EXPECT_TRUE(gateway.run());
  client.join();
  EXPECT_EQ(test::RawSocket::connect(gateway.http_port()), nullptr);
}

}  // namespace
}  // namespace apim::gate
