// Balance: which endpoint of a group gets the request, and which ones are resting.
//
// Single, round robin, failover; suspension as WSO2 does it (Synapse's
// EndpointContext): a code among the retry codes makes the endpoint wait for
// retry_delay_ms, and after retry_count of them in a row it is suspended; a
// code among the suspend codes (none listed: any) suspends it at once. A
// suspension starts at suspend_ms and grows by suspend_factor up to
// suspend_max_ms; a success clears everything. suspend_ms 0: never suspended.
//
// State is a worker's own and outlives images: it belongs to an API's endpoint,
// and only endpoints in trouble have any.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "apis_generated.h"
#include "base/result.h"

namespace apim::upstream {

class Balance {
 public:
  static constexpr size_t kTroublesMax = 4096;
  static constexpr uint64_t kRestedMs = 60'000;  // Over for so long, it makes room for others.

  // What was tried for one request, by position in its group.
  using Tried = uint64_t;

  // The endpoint to use now and its position, or BackendSuspended, NoBackendReady.
  struct Choice {
    const fbs::Endpoint* endpoint = nullptr;
    uint32_t position = 0;
  };
  Result<Choice> choose(const fbs::Api& api, const fbs::EndpointGroup& group, Tried tried,
                        uint64_t now_ms);

  // An endpoint of one of the API's groups. The same URL in another group is another site.
  struct Site {
    const fbs::Api& api;
    const fbs::EndpointGroup& group;
    const fbs::Endpoint& endpoint;
  };

  // `code` is WSO2's transport code (101503, ...).
  void on_failure(const Site& site, uint32_t code, uint64_t now_ms);
  void on_success(const Site& site) {
    if (!troubles_.empty()) forget(site);
  }
  bool is_ready(const Site& site, uint64_t now_ms) const;

 private:
  struct Trouble {
    uint64_t key;
    uint64_t rests_until_ms = 0;
    uint64_t suspension_ms = 0;  // Of the last suspension; 0: none yet.
    uint32_t failure_count = 0;
  };
  void forget(const Site& site);
  static uint64_t key_of(const Site& site);
  Trouble* trouble_of(uint64_t key);
  bool make_room(uint64_t now_ms);
  static void suspend(const fbs::Endpoint& endpoint, Trouble& trouble, uint64_t now_ms);

  std::vector<Trouble> troubles_;  // Few: searched from front to back.
  std::array<uint32_t, 1024>
      turns_{};  // Round robin; groups may share one, which only shifts a turn.
};

}  // namespace apim::upstream
