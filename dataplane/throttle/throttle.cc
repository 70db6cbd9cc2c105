#include "throttle/throttle.h"

#include <algorithm>
#include <cassert>

#include "snapshot/image.h"
#include "throttle/deny.h"
#include "throttle/levels.h"

namespace apim::throttle {
namespace {

static_assert(Levels::kLevelsMax <= Throttled::kChargesMax);

// WSO2 tells the caller of a quota when it opens again, the caller of a back end's limit nothing.
bool tells_when(FaultCode code) {
  return code != FaultCode::ThrottledBackend && code != FaultCode::CountersFull;
}

Verdict refuse(Exchange& x, Pools& pools, FaultCode code, uint64_t window_end_s) {
  give_back(x, pools);
  x.throttled.over_quota = false;
  if (tells_when(code)) x.answer.retry_at_s = window_end_s;
  answer(x, fault(code, "a limit is used up"));
  return Verdict::Answer;
}

void record(Exchange& x, const Spent& spent) {
  assert(x.throttled.charge_count < Throttled::kChargesMax);
  x.throttled.charges[x.throttled.charge_count++] = {.pool_index = spent.pool_index,
                                                     .window = spent.window_end_s};
  if (spent.outcome == Spent::Outcome::Over) x.throttled.over_quota = true;
}

}  // namespace

Verdict throttle(Exchange& x, Pools& pools) {
  assert(x.image);
  if (is_denied(x, x.image->deny())) {
    answer(x, fault(FaultCode::Denied, "a deny condition holds"));
    return Verdict::Answer;
  }
  const Levels levels = levels_of(x, pools.seed());
  const auto now_s = static_cast<uint32_t>(std::min<uint64_t>(x.wall_s, UINT32_MAX));
  for (size_t i = 0; i < levels.count; ++i) {
    const Level& level = levels.levels[i];
    const Spent spent = pools.spend(level.key, {.window = level.window,
                                                .now_s = now_s,
                                                .count = level.count,
                                                .lets_overage_pass = level.lets_overage_pass});
    switch (spent.outcome) {
      case Spent::Outcome::Admitted:
      case Spent::Outcome::Over: record(x, spent); break;
      case Spent::Outcome::Exhausted: return refuse(x, pools, level.fault, spent.window_end_s);
      case Spent::Outcome::Full: return refuse(x, pools, FaultCode::CountersFull, 0);
    }
  }
  return Verdict::Next;
}

void give_back(Exchange& x, Pools& pools) {
  while (x.throttled.charge_count > 0) {
    const Charge& charge = x.throttled.charges[--x.throttled.charge_count];
    pools.give_back(charge.pool_index, charge.window);
  }
}

}  // namespace apim::throttle
