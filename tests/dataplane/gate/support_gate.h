// Gate under test: one real worker on a free port, serving an image made of a World.

#pragma once

#include <future>
#include <memory>
#include <string>

#include "base/config.h"
#include "gate/worker.h"
#include "support/sockets.h"
#include "support/world.h"

namespace apim::gate {

class GateUnderTest {
 public:
  explicit GateUnderTest(const Settings& settings = default_settings(),
                         observe::AccessLog* access = nullptr)
      : settings_(settings), counters_(10'000), metrics_(1) {
    shared_.access = access;
    const auto socket = net::listen_socket("127.0.0.1", 0);
    assert(socket);
    port_ = socket->port;
    worker_ = std::make_unique<Worker>(uint8_t{0}, shared_, *socket, nullptr);
    worker_->start();
  }
  ~GateUnderTest() { stop(); }

  void stop() {
    if (worker_ == nullptr) return;
    worker_->drain();
    worker_->drain();  // The second one does not wait.
    worker_->join();
    worker_.reset();
  }

  // Returns once the worker serves it.
  void serve(const test::World& world, uint64_t epoch = 1) {
    worker_->adopt(test::make_image(world.catalog, epoch));
    while (worker_->epoch() != epoch) std::this_thread::yield();
  }

  std::unique_ptr<test::RawSocket> connect() { return test::RawSocket::connect(port_); }

  // One request on a connection of its own; everything that comes back until the gate closes.
  std::string call(std::string_view request) {
    const auto socket = connect();
    socket->send(request);
    return socket->receive_message();
  }

  // Once it returns, the worker has acted on it.
  void press(PressureLevel level) {
    shared_.pressure.set(level);
    worker_->press();
    std::promise<void> acted;
    worker_->foretell([&](upstream::Balance, uint64_t) { acted.set_value(); });
    acted.get_future().wait();
  }

  Worker& worker() { return *worker_; }
  MetricTotals totals() const { return metrics_.sum(); }
  uint16_t port() const { return port_; }

 private:
  Settings settings_;
  throttle::Pools counters_;
  Metrics metrics_;
  WorkerShared shared_{.settings = settings_,
                       .counters = counters_,
                       .metrics = metrics_,
                       .access = nullptr,
                       .adopted = [](uint64_t) {},
                       .retire = [](std::shared_ptr<const snapshot::Image>) {},
                       .stopped = [] {}};
  uint16_t port_ = 0;
  std::unique_ptr<Worker> worker_;
};

// API "pets" with GET /pet/{id}, POST /pet, HEAD /pet/{id}; key "secret" of an application
// subscribed to it.
inline test::World pets_world(const std::string& url) {
  test::World world;
  auto& api = world.add_api(
      1, "pets",
      {test::operation(model::Verb::Get, "/pet/{id}"),
       test::operation(model::Verb::Head, "/pet/{id}"), test::operation(model::Verb::Post, "/pet"),
       test::operation(model::Verb::Put, "/pet")});
  api.production = test::backend(url);
  world.add_policy(1, model::PolicyLevel::Subscription, "Unlimited", {});
  world.add_policy(2, model::PolicyLevel::Application, "Unlimited", {});
  world.add_application(1);
  world.subscribe(1, 1);
  world.add_key(1, "secret");
  return world;
}

}  // namespace apim::gate
