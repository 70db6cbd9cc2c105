// What a worker promises on the wire: requests go through to a real backend and back, or are
// answered as they must be.

#include "gate/worker.h"

#include <gmock/gmock.h>

#include "support_gate.h"

namespace apim::gate {
namespace {

using test::Backend;
using test::RawSocket;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const char* const kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-From: backend\r\n\r\nhello";
const char* const kGet =
    "GET /pets/1.0.0/pet/7?a=b HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\nAccept: "
    "*/*\r\n\r\n";

std::string post(const std::string& body, const std::string& extra = "") {
  return "POST /pets/1.0.0/pet HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\n" + extra +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Worker, ForwardsARequestAndItsAnswer) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url("/base")));
  const std::string response = gate.call(kGet);
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(response, HasSubstr("X-From: backend\r\n"));
  EXPECT_THAT(response, HasSubstr("\r\n\r\nhello"));
  ASSERT_EQ(backend.requests().size(), 1U);
  const std::string seen = backend.requests()[0];
  EXPECT_THAT(seen, StartsWith("GET /base/pet/7?a=b HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_THAT(seen, HasSubstr("X-Forwarded-For: 127.0.0.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("X-Forwarded-Proto: http\r\n"));
  EXPECT_THAT(seen, HasSubstr("X-Request-Id: "));
  EXPECT_THAT(seen, Not(HasSubstr("secret")));
}

TEST(Worker, WithoutAnImageEverythingIs503) {
  GateUnderTest gate;
  EXPECT_THAT(gate.call(kGet), StartsWith("HTTP/1.1 503 "));
}

TEST(Worker, KeepsBothConnectionsForTheNextRequest) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto client = gate.connect();
  for (int i = 0; i < 5; ++i) {
    client->send(kGet);
    EXPECT_THAT(client->receive_message(), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_EQ(backend.connection_count(), 1U);
  EXPECT_EQ(backend.requests().size(), 5U);
}

TEST(Worker, AnswersPipelinedRequestsInOrder) {
  Backend backend(Backend::answering([](const std::string& request) {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) + "\r\n\r\n" + path;
  }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    // Every third one is refused by the gate itself, at once: it must not overtake.
    const std::string key = i % 3 == 0 ? "" : "ApiKey: secret\r\n";
    requests += "GET /pets/1.0.0/pet/" + number + " HTTP/1.1\r\nHost: localhost\r\n" + key + "\r\n";
  }
  const auto client = gate.connect();
  client->send(requests);
  for (int i = 0; i < 20; ++i) {
    const std::string response = client->receive_message();
    if (i % 3 == 0) {
      EXPECT_THAT(response, StartsWith("HTTP/1.1 401 ")) << i;
    } else {
      EXPECT_THAT(response, HasSubstr("\r\n\r\n/pet/" + std::to_string(i))) << i;
    }
  }
}

TEST(Worker, GoodBadGoodGivesOneAnswerOneRefusalAndTheEnd) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto client = gate.connect();
  client->send(std::string(kGet) + "GET /pets\x01 HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
  const std::string all = client->receive_all();
  EXPECT_THAT(all, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(all, HasSubstr("HTTP/1.1 400 "));
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(backend.requests().size(), 1U);
}

TEST(Worker, RefusesInWso2sWords) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const std::string no_key = gate.call("GET /pets/1.0.0/pet/7 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(no_key, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(no_key, HasSubstr("WWW-Authenticate: "));
  EXPECT_THAT(no_key, HasSubstr("\"code\":\"900902\""));
  const std::string no_api = gate.call("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(no_api, StartsWith("HTTP/1.1 404 "));
  const std::string no_method =
      gate.call("DELETE /pets/1.0.0/pet HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\n\r\n");
  EXPECT_THAT(no_method, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(no_method, HasSubstr("Allow: "));
  EXPECT_EQ(backend.requests().size(), 0U);
}

TEST(Worker, StreamsALengthBodyBothWays) {
  Backend backend(Backend::answering([](const std::string& request) {
    const std::string body = request.substr(request.find("\r\n\r\n") + 4);
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  std::string body(3'000'000, 'x');
  for (size_t i = 0; i < body.size(); i += 1000) body[i] = static_cast<char>('a' + i / 1000 % 26);
  const auto client = gate.connect();
  std::thread sender([&] { client->send(post(body)); });
  const std::string response = client->receive_message();
  sender.join();
  EXPECT_TRUE(response.ends_with(body));
}

TEST(Worker, ReframesAChunkedRequest) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const std::string response = gate.call(
      "POST /pets/1.0.0/pet HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: no\r\n\r\n");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 "));
  ASSERT_EQ(backend.requests().size(), 1U);
  EXPECT_THAT(backend.requests()[0], HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(backend.requests()[0], HasSubstr("hello"));
  EXPECT_THAT(backend.requests()[0], HasSubstr(" world"));
  EXPECT_THAT(backend.requests()[0], Not(HasSubstr("ext")));
  EXPECT_THAT(backend.requests()[0], Not(HasSubstr("X-Trailer")));
}

TEST(Worker, ABodyWithoutLengthBecomesChunkedAndACutOneIsNeverComplete) {
  bool cuts = false;
  Backend backend([&](Backend&, RawSocket& socket) {
    if (socket.receive_message().empty()) return;
    socket.send(cuts ? "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
                     : "HTTP/1.1 200 OK\r\n\r\nuntil the end");
  });
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const std::string whole = gate.call(kGet);
  EXPECT_THAT(whole, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(whole, HasSubstr("\r\nuntil the end\r\n0\r\n\r\n"));
  cuts = true;
  const auto client = gate.connect();
  client->send(kGet);
  const std::string cut = client->receive_all();
  EXPECT_THAT(cut, HasSubstr("Content-Length: 100"));
  EXPECT_TRUE(cut.ends_with("half"));
  EXPECT_TRUE(client->has_ended());
}

TEST(Worker, HeadGetsTheLengthButNoBody) {
  Backend backend([&](Backend&, RawSocket& socket) {
    while (!socket.receive_message().empty())
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  });
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto client = gate.connect();
  for (int i = 0; i < 2; ++i) {
    client->send("HEAD /pets/1.0.0/pet/7 HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\n\r\n");
    const std::string response = client->receive_message(false);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(response, HasSubstr("Content-Length: 500\r\n"));
  }
  EXPECT_EQ(backend.connection_count(), 1U);
}

TEST(Worker, AsksForTheBodyOnlyAfterTheChecks) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto client = gate.connect();
  client->send(
      "POST /pets/1.0.0/pet HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\nContent-Length: 4\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client->receive_message(false), "HTTP/1.1 100 Continue\r\n\r\n");
  client->send("body");
  EXPECT_THAT(client->receive_message(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(backend.requests()[0], Not(HasSubstr("Expect")));
  const auto refused = gate.connect();
  refused->send(
      "POST /pets/1.0.0/pet HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: "
      "100-continue\r\n\r\n");
  const std::string answer = refused->receive_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST(Worker, ARefusedBodyIsDrainedOrEndsTheConnection) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto client = gate.connect();
  client->send("POST /pets/1.0.0/pet HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30\r\n\r\n");
  EXPECT_THAT(client->receive_message(), StartsWith("HTTP/1.1 401 "));
  client->send("GET /smuggled HTTP/1.1\r\nHost: ");  // 30 bytes of body that look like a request.
  client->send(kGet);
  EXPECT_THAT(client->receive_message(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(backend.requests().size(), 1U);
}

TEST(Worker, ABodyOverTheLimitIs413) {
  Settings settings = default_settings();
  settings.limits.body_bytes = 1000;
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate(settings);
  gate.serve(pets_world(backend.url()));
  EXPECT_THAT(gate.call(post(std::string(1001, 'x'))), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(gate.call(post(std::string(1000, 'x'))), StartsWith("HTTP/1.1 200 "));
  std::string chunks;
  for (int i = 0; i < 11; ++i) chunks += "64\r\n" + std::string(100, 'y') + "\r\n";
  EXPECT_THAT(gate.call("POST /pets/1.0.0/pet HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n" +
                        chunks + "0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST(Worker, BackendTroubleHasWso2sCodes) {
  GateUnderTest gate;
  gate.serve(pets_world("http://127.0.0.1:" + std::to_string(test::closed_port())));
  const std::string refused = gate.call(kGet);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(refused, HasSubstr("\"code\":\"101503\""));
  Backend closing([](Backend&, RawSocket& socket) { socket.receive_message(); });
  gate.serve(pets_world(closing.url()), 2);
  EXPECT_THAT(gate.call(kGet), HasSubstr("\"code\":\"101505\""));
  Backend broken([](Backend&, RawSocket& socket) {
    socket.receive_message();
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
  });
  gate.serve(pets_world(broken.url()), 3);
  EXPECT_THAT(gate.call(kGet), HasSubstr("\"code\":\"101506\""));
}

TEST(Worker, ASilentBackendTimesOut) {
  Settings settings = default_settings();
  settings.upstream.response_ms = 100;
  Backend silent([](Backend&, RawSocket& socket) {
    while (socket.receive_more()) {
    }
  });
  GateUnderTest gate(settings);
  gate.serve(pets_world(silent.url()));
  EXPECT_THAT(gate.call(kGet), HasSubstr("\"code\":\"101504\""));
}

TEST(Worker, AnEmptyBodyIsAnOrdinaryRequest) {
  Settings settings = default_settings();
  settings.upstream.response_ms = 100;
  std::atomic<bool> answers = true;
  Backend backend([&](Backend&, RawSocket& socket) {
    while (!socket.receive_message().empty()) {
      if (answers) socket.send(kOk);
    }
  });
  GateUnderTest gate(settings);
  gate.serve(pets_world(backend.url()));
  const auto client = gate.connect();
  for (int i = 0; i < 2; ++i) {
    client->send(post(""));
    EXPECT_THAT(client->receive_message(), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_EQ(backend.connection_count(), 1U);
  answers = false;
  client->send(post(""));
  EXPECT_THAT(client->receive_message(), HasSubstr("\"code\":\"101504\""));
}

TEST(Worker, HttpsBackendsAreNeverSpokenToInClear) {
  Backend backend([](Backend& self, RawSocket& socket) {
    socket.receive_more();
    self.record(socket.text());
  });
  GateUnderTest gate;  // Has no TLS context.
  gate.serve(pets_world("https://127.0.0.1:" + std::to_string(backend.port())));
  EXPECT_THAT(gate.call(kGet), HasSubstr("\"code\":\"101503\""));
  EXPECT_EQ(backend.connection_count(), 0U);
}

TEST(Worker, RepeatsOnAConnectionThatProvedStale) {
  std::atomic<int> served = 0;
  Backend backend([&](Backend& self, RawSocket& socket) {
    // Serves one request, then takes a second one and hangs up without a word; the next connection
    // behaves.
    std::string request = socket.receive_message();
    if (request.empty()) return;
    self.record(request);
    const bool is_second = ++served > 1;  // Counted before the client can know.
    socket.send(kOk);
    if (is_second) return;
    socket.receive_message();
  });
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto client = gate.connect();
  client->send(kGet);
  EXPECT_THAT(client->receive_message(), StartsWith("HTTP/1.1 200 "));
  client->send(kGet);
  EXPECT_THAT(client->receive_message(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(gate.totals().of(Counter::UpstreamRetries), 1U);
  EXPECT_EQ(served.load(), 2);
}

TEST(Worker, FailsOverToTheNextEndpoint) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  test::World world = pets_world("");
  auto& group = world.catalog.apis[1].api.production;
  group = {.balance = model::Balance::Failover,
           .endpoints = {
               {.url = "http://127.0.0.1:" + std::to_string(test::closed_port()), .tuning = {}},
               {.url = backend.url("/second"), .tuning = {}}}};
  GateUnderTest gate;
  gate.serve(world);
  EXPECT_THAT(gate.call(post("body of a POST")), StartsWith("HTTP/1.1 200 "));
  ASSERT_EQ(backend.requests().size(), 1U);
  EXPECT_THAT(backend.requests()[0], StartsWith("POST /second/pet HTTP/1.1\r\n"));
  EXPECT_TRUE(backend.requests()[0].ends_with("body of a POST"));
}

TEST(Worker, TakesTurnsAmongEndpoints) {
  Backend first(Backend::answering([](const std::string&) { return kOk; }));
  Backend second(Backend::answering([](const std::string&) { return kOk; }));
  test::World world = pets_world("");
  world.catalog.apis[1].api.production = {
      .balance = model::Balance::RoundRobin,
      .endpoints = {{.url = first.url(), .tuning = {}}, {.url = second.url(), .tuning = {}}}};
  GateUnderTest gate;
  gate.serve(world);
  for (int i = 0; i < 10; ++i) gate.call(kGet);
  EXPECT_EQ(first.requests().size(), 5U);
  EXPECT_EQ(second.requests().size(), 5U);
}

TEST(Worker, WhatConnectionNamesIsNotForwarded) {
  Backend backend(Backend::answering([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, "
           "X-Secret\r\nKeep-Alive: timeout=5\r\n"
           "X-Secret: 1\r\n\r\n";
  }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const std::string response = gate.call(
      "GET /pets/1.0.0/pet/7 HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\nConnection: X-Hop, "
      "Upgrade\r\nX-Hop: 1\r\n"
      "Upgrade: h2c\r\nTE: trailers\r\nX-Forwarded-For: 6.6.6.6\r\nX-Real-IP: "
      "6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\n"
      "Proxy: evil\r\nX-Stays: yes\r\n\r\n");
  EXPECT_THAT(response, Not(HasSubstr("X-Secret")));
  EXPECT_THAT(response, Not(HasSubstr("Keep-Alive: ")));
  const std::string seen = backend.requests()[0];
  for (const char* gone :
       {"X-Hop", "Upgrade", "TE:", "6.6.6.6", "X-Real-IP", "Proxy:", "Connection"}) {
    EXPECT_THAT(seen, Not(HasSubstr(gone)));
  }
  EXPECT_THAT(seen, HasSubstr("X-Stays: yes\r\n"));
}

TEST(Worker, AnHttp10ClientGetsNoChunksAndAnEnd) {
  Backend backend(Backend::answering([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto client = gate.connect();
  client->send(
      "GET /pets/1.0.0/pet/7 HTTP/1.0\r\nHost: localhost\r\nApiKey: secret\r\nConnection: "
      "keep-alive\r\n\r\n");
  const std::string all = client->receive_all();
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_TRUE(all.ends_with("\r\n\r\nhello"));
}

TEST(Worker, RequestIdIsKeptWhenSaneAndMadeWhenNot) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto with_id = [](const std::string& id) {
    return "GET /pets/1.0.0/pet/7 HTTP/1.1\r\nHost: localhost\r\nApiKey: secret\r\nX-Request-Id: " +
           id + "\r\n\r\n";
  };
  EXPECT_THAT(gate.call(with_id("abc-123")), HasSubstr("X-Request-Id: abc-123\r\n"));
  EXPECT_THAT(gate.call(with_id("a b\"c")), Not(HasSubstr("a b\"c")));
  EXPECT_THAT(backend.requests()[0], HasSubstr("X-Request-Id: abc-123\r\n"));
}

TEST(Worker, DrainFinishesWhatRuns) {
  std::atomic<bool> may_answer = false;
  std::atomic<bool> has_request = false;
  Backend backend([&](Backend&, RawSocket& socket) {
    if (socket.receive_message().empty()) return;
    has_request = true;
    while (!may_answer) std::this_thread::yield();
    socket.send(kOk);
  });
  Settings settings = default_settings();
  settings.timeouts.head_ms = 100;
  GateUnderTest gate(settings);
  gate.serve(pets_world(backend.url()));
  const auto idle = gate.connect();
  idle->send(kGet);
  const auto client = gate.connect();
  while (!has_request) std::this_thread::yield();
  gate.worker().drain();
  EXPECT_FALSE(client->receive_more());  // Never asked anything within head_ms.
  may_answer = true;
  const std::string response = idle->receive_all();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
  gate.worker().join();
}

TEST(Worker, DrainAnswersTheFirstRequestOfANewConnection) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  const auto fresh = gate.connect();
  const auto used = gate.connect();
  used->send(kGet);
  EXPECT_THAT(used->receive_message(), StartsWith("HTTP/1.1 200 "));
  while (gate.totals().of(Gauge::ConnectionsOpen) != 2) std::this_thread::yield();
  gate.worker().drain();
  EXPECT_FALSE(used->receive_more());
  EXPECT_TRUE(used->has_ended());
  fresh->send(kGet);
  const std::string response = fresh->receive_all();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
  gate.worker().join();
}

TEST(Worker, ClientsThatVanishLeaveNothingBehind) {
  Backend backend([&](Backend&, RawSocket& socket) {
    while (socket.receive_more()) {
    }
  });
  GateUnderTest gate;
  gate.serve(pets_world(backend.url()));
  for (int i = 0; i < 10; ++i) {
    const auto client = gate.connect();
    client->send(i % 2 == 0 ? std::string(kGet) : post("0123456789").substr(0, 100));
    client->reset();
  }
  while (gate.totals().of(Gauge::ConnectionsOpen) != 0 ||
         gate.totals().of(Counter::ConnectionsAccepted) != 10) {
    std::this_thread::yield();
  }
  EXPECT_EQ(gate.totals().of(Gauge::RequestsRunning), 0U);
  // What was being opened for them may stay, but idle.
  while (gate.totals().of(Gauge::UpstreamOpen) != gate.totals().of(Gauge::UpstreamIdle))
    std::this_thread::yield();
}

// Connections may wait for their first request as long as the test does.
Settings patient() {
  Settings settings = default_settings();
  settings.timeouts.first_byte_ms = 600'000;
  return settings;
}

TEST(Worker, UnderPressureConnectionsEndWithTheirAnswerOrIdle) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate(patient());
  gate.serve(pets_world(backend.url()));
  const auto idle = gate.connect();
  idle->send(kGet);
  EXPECT_THAT(idle->receive_message(), StartsWith("HTTP/1.1 200 "));
  const auto fresh = gate.connect();
  while (gate.totals().of(Gauge::ConnectionsOpen) != 2) std::this_thread::yield();
  gate.press(PressureLevel::Closes);
  EXPECT_FALSE(idle->receive_more());
  EXPECT_TRUE(idle->has_ended());
  EXPECT_EQ(gate.totals().of(Counter::ShedKeepAlive), 1U);
  fresh->send(kGet);
  const std::string response = fresh->receive_all();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
  gate.press(PressureLevel::None);
  EXPECT_THAT(gate.call(kGet), Not(HasSubstr("Connection: close")));
}

TEST(Worker, UnderMorePressureRequestsAreRefusedBeforeAnyStep) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate(patient());
  gate.serve(pets_world(backend.url()));
  gate.press(PressureLevel::Refuses);
  const std::string refused = gate.call(kGet);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("Retry-After: "));
  EXPECT_THAT(refused, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(refused, HasSubstr("The gateway is at its limit"));
  EXPECT_THAT(gate.call("GET /nothing HTTP/1.1\r\nHost: nobody\r\n\r\n"),
              StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(gate.call(post("a body that nobody reads")), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(gate.totals().of(Counter::ShedRequests), 3U);
  EXPECT_TRUE(backend.requests().empty());
  gate.press(PressureLevel::Closes);
  EXPECT_EQ(gate.totals().of(FaultCode::Overloaded), 3U);
  EXPECT_THAT(gate.call(kGet), StartsWith("HTTP/1.1 200 "));
}

TEST(Worker, UnderStillMorePressureNobodyIsAcceptedUntilItFalls) {
  Backend backend(Backend::answering([](const std::string&) { return kOk; }));
  GateUnderTest gate(patient());
  gate.serve(pets_world(backend.url()));
  const auto known = gate.connect();
  while (gate.totals().of(Gauge::ConnectionsOpen) != 1) std::this_thread::yield();
  gate.press(PressureLevel::Stops);
  gate.press(PressureLevel::Stops);
  EXPECT_EQ(gate.totals().of(Counter::ShedAccepts), 1U);
  const auto late = gate.connect();
  late->send(kGet);
  known->send(kGet);  // Came after it, and is served.
  EXPECT_THAT(known->receive_message(), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(gate.totals().of(Counter::ConnectionsAccepted), 1U);
  gate.press(PressureLevel::None);
  EXPECT_THAT(late->receive_message(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(gate.totals().of(Counter::ConnectionsAccepted), 2U);
}

TEST(Worker, UnderTheMostPressureWhoHoldsMemoryIsCut) {
  const std::string large = "HTTP/1.1 200 OK\r\nContent-Length: 64000000\r\n\r\n";
  Backend backend([&](Backend&, RawSocket& socket) {
    if (socket.receive_message().empty()) return;
    socket.send(large);
    const std::string part(1'000'000, 'x');
    for (int i = 0; i < 64 && socket.send(part); ++i) {
    }
  });
  GateUnderTest gate(patient());
  gate.serve(pets_world(backend.url()));
  const auto light = gate.connect();
  while (gate.totals().of(Gauge::ConnectionsOpen) != 1) std::this_thread::yield();
  const auto slow = gate.connect();
  slow->send(kGet);  // And reads nothing: its bytes pile up.
  while (gate.totals().of(Gauge::UpstreamOpen) != 1) std::this_thread::yield();
  while (gate.totals().of(Counter::ShedConnections) == 0) gate.press(PressureLevel::Resets);
  gate.press(PressureLevel::Resets);
  EXPECT_EQ(gate.totals().of(Counter::ShedConnections), 1U);
  EXPECT_LT(slow->receive_all().size(), 64'000'000U);
  EXPECT_TRUE(slow->has_ended());
  gate.press(PressureLevel::None);
  light->send(kGet);
  EXPECT_TRUE(light->receive_more());
  EXPECT_THAT(light->text(), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace apim::gate
