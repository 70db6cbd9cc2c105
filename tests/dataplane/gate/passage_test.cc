// What a passage promises: every way out goes through finish(), once, with one line and the right
// numbers.

#include "gate/passage.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gate/finish.h"
#include "gate/proceed.h"
#include "support_gate.h"

namespace apim::gate {
namespace {

using test::Backend;
using testing::HasSubstr;
using testing::StartsWith;

std::string request(const std::string& path, const std::string& fields = "ApiKey: secret\r\n") {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

TEST(Passage, EveryWayOutIsFinishedOnce) {
  const auto file =
      std::filesystem::temp_directory_path() / ("apim-access-" + std::to_string(getpid()) + ".log");
  {
    auto access = observe::AccessLog::open(file, 1);
    ASSERT_TRUE(access);
    Backend backend(Backend::answering(
        [](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"; }));
    GateUnderTest gate(default_settings(), access->get());
    EXPECT_THAT(gate.call(request("/pets/1.0.0/pet/1")),
                StartsWith("HTTP/1.1 503 "));  // No image yet.
    gate.serve(pets_world(backend.url()));
    EXPECT_THAT(gate.call(request("/pets/1.0.0/pet/1", "ApiKey: secret\r\nX-Request-Id: id-1\r\n")),
                StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(gate.call(request("/pets/1.0.0/pet/1", "")), StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(gate.call(request("/nothing")), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(gate.call("GET /\x01 HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(gate.call("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
    gate.serve(pets_world("http://127.0.0.1:" + std::to_string(test::closed_port())), 2);
    EXPECT_THAT(gate.call(request("/pets/1.0.0/pet/1")), StartsWith("HTTP/1.1 500 "));
    gate.stop();
    const MetricTotals totals = gate.totals();
    EXPECT_EQ(totals.of(Counter::Requests2xx), 2U);
    EXPECT_EQ(totals.of(Counter::Requests4xx), 3U);
    EXPECT_EQ(totals.of(Counter::Requests5xx), 2U);
    EXPECT_EQ(totals.of(Gauge::RequestsRunning), 0U);
    EXPECT_EQ(totals.of(FaultCode::BackendRefused), 1U);
  }
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::filesystem::remove(file);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_THAT(lines[1], HasSubstr("\"id-1\""));
  EXPECT_THAT(lines[1], HasSubstr("/pet/{id}"));
  for (const std::string& line : lines) EXPECT_EQ(line.find("secret"), std::string::npos) << line;
}

}  // namespace
}  // namespace apim::gate
