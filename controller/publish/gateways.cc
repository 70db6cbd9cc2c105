#include "publish/gateways.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace apim::publish {
namespace {

constexpr auto kStep = std::chrono::milliseconds(2);  // Between two looks at the hub.

int64_t wall_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

template <class Number>
Number number_or_zero(const nlohmann::json& state, const char* field) {
  const auto found = state.find(field);
  return found != state.end() && found->is_number_integer() ? found->get<Number>() : Number{0};
}

Arrival arrival_at(Hub& hub, const std::string& environment, uint64_t epoch) {
  Arrival arrival{.list = gateways(hub, environment)};
  for (const Gateway& gateway : arrival.list) {
    if (!gateway.alive) continue;
    ++arrival.total;
    if (gateway.epoch >= epoch) ++arrival.live;
  }
  arrival.reached = arrival.total > 0 && arrival.live == arrival.total;
  return arrival;
}

bool is_refused(const Arrival& arrival, uint64_t epoch) {
  return std::ranges::any_of(arrival.list, [&](const Gateway& gateway) {
    return gateway.alive && gateway.epoch < epoch && gateway.refused_epoch >= epoch;
  });
}

}  // namespace

std::vector<Gateway> gateways(Hub& hub, const std::string& environment) {
  std::vector<Gateway> out;
  const int64_t now_ms = wall_ms();
  for (const std::string& text : hub.gateway_states(environment)) {
    auto state = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!state.is_object() || !state.contains("id") || !state["id"].is_string()) continue;
    Gateway gateway{.id = state["id"].get<std::string>(),
                    .epoch = number_or_zero<uint64_t>(state, "epoch"),
                    .refused_epoch = number_or_zero<uint64_t>(state, "refused_epoch")};
    gateway.alive = now_ms - number_or_zero<int64_t>(state, "seen_ms") < kGatewayAliveMs;
    state["alive"] = gateway.alive;
    gateway.state = std::move(state);
    out.push_back(std::move(gateway));
  }
  std::ranges::sort(out, {}, &Gateway::id);
  return out;
}

Arrival wait_for(Hub& hub, const std::string& environment, uint64_t epoch, int64_t timeout_ms) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const Clock::time_point end = begin + std::chrono::milliseconds(std::max<int64_t>(timeout_ms, 0));
  Arrival arrival = arrival_at(hub, environment, epoch);
  while (!arrival.reached && !is_refused(arrival, epoch) && Clock::now() < end) {
    std::this_thread::sleep_for(kStep);
    arrival = arrival_at(hub, environment, epoch);
  }
  arrival.waited_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
  return arrival;
}

}  // namespace apim::publish
