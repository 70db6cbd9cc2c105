// Throttle: may this request be spent now, at every level in WSO2's order.
//
//   deny > API or resource > subscription > its burst > application > its burst > backend
//
// A refusal at a later level gives back what earlier ones took, so that a
// refused request costs nothing anywhere.

#pragma once

#include "exchange/exchange.h"
#include "throttle/deny.h"
#include "throttle/levels.h"
#include "throttle/pool.h"

namespace apim::throttle {

// Charges x.throttled. Answers: Denied, Throttled*, CountersFull.
// Precondition: authenticate() returned Next. `pools` is shared by all workers.
Verdict throttle(Exchange& x, Pools& pools);

// Gives back everything in x.throttled (a request that never reached a backend through the
// gateway's own fault).
void give_back(Exchange& x, Pools& pools);

// Every limit the request falls under, as it stands.
struct Peeked {
  Denial denial = Denial::None;  // Otherwise no limit is asked.
  TracedLevels levels;
  std::array<Outlook, Levels::kLevelsMax> outlooks;  // One a level.
  size_t refusing = SIZE_MAX;                        // Which level refuses first; none.
};

// What throttle() would say, with the same answer; spends nothing.
Verdict peek(Exchange& x, const Pools& pools, Peeked* peeked);

}  // namespace apim::throttle
