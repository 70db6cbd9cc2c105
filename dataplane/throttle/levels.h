// Levels: which limits a request falls under, in the order in which they are charged. Pure: asks
// nothing, spends nothing.
//
// Keys are WSO2's (per application and user, per subscription, per API or
// resource, per back end), as 128-bit hashes together with the policy and the
// window's definition: a policy that is edited counts on when only its number
// changed, and starts anew when its window did.

#pragma once

#include <array>
#include <cstdint>

#include "exchange/exchange.h"
#include "limits_generated.h"
#include "throttle/pool.h"

namespace apim::throttle {

// Its own numbers have no initial values: clearing a list that is filled at once costs more than
// finding a policy.
struct Level {
  FaultCode fault;  // What a refusal at this level is answered with.
  PoolKey key;
  Window window;
  uint64_t count;
  bool lets_overage_pass;
};

struct Levels {
  static constexpr size_t kLevelsMax = 6;
  std::array<Level, kLevelsMax> levels;  // The first `count` of them.
  size_t count = 0;
};

// `seed` is Pools::seed(). Precondition: authenticate() returned Next.
Levels levels_of(const Exchange& x, uint64_t seed);

// Where a level's numbers come from. Both point into the image or are static.
struct LevelOrigin {
  const fbs::ThrottlePolicy* policy = nullptr;  // Null: WSO2's shipped numbers, or the API's own.
  const fbs::Limit* limit = nullptr;
};

// The same levels, found by the same code, for somebody who wants to know about them.
struct TracedLevels {
  Levels plain;
  std::array<LevelOrigin, Levels::kLevelsMax> origins;
};
TracedLevels traced_levels_of(const Exchange& x, uint64_t seed);

}  // namespace apim::throttle
