#include "throttle/throttle.h"

#include <algorithm>
#include <cassert>

#include "snapshot/image.h"

namespace apim::throttle {
namespace {

static_assert(Levels::kLevelsMax <= Throttled::kChargesMax);

// WSO2 tells the caller of a quota when it opens again, the caller of a back end's limit nothing.
bool tells_when(FaultCode code) {
  return code != FaultCode::ThrottledBackend && code != FaultCode::CountersFull;
}

Verdict refuse(Exchange& x, FaultCode code, uint64_t window_end_s) {
  x.throttled.over_quota = false;
  if (tells_when(code)) x.answer.retry_at_s = window_end_s;
  answer(x, fault(code,
                  code == FaultCode::CountersFull ? "no counter is free" : "a limit is used up"));
  return Verdict::Answer;
}

Verdict deny(Exchange& x) {
  answer(x, fault(FaultCode::Denied, "a deny condition holds"));
  return Verdict::Answer;
}

Allowance allowance_of(const Level& level, const Exchange& x) {
  return {.window = level.window,
          .now_s = static_cast<uint32_t>(std::min<uint64_t>(x.wall_s, UINT32_MAX)),
          .count = level.count,
          .lets_overage_pass = level.lets_overage_pass};
}

bool passes(Spent::Outcome outcome) {
  return outcome == Spent::Outcome::Admitted || outcome == Spent::Outcome::Over;
}

// What a level that does not let pass is answered with.
FaultCode refusal_of(const Level& level, Spent::Outcome outcome) {
  assert(!passes(outcome));
  return outcome == Spent::Outcome::Full ? FaultCode::CountersFull : level.fault;
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
  if (denial_of(x, x.image->deny()) != Denial::None) return deny(x);
  const Levels levels = levels_of(x, pools.seed());
  for (size_t i = 0; i < levels.count; ++i) pools.prefetch(levels.levels[i].key);
  for (size_t i = 0; i < levels.count; ++i) {
    const Level& level = levels.levels[i];
    const Spent spent = pools.spend(level.key, allowance_of(level, x));
    if (!passes(spent.outcome)) {
      give_back(x, pools);
      return refuse(x, refusal_of(level, spent.outcome), spent.window_end_s);
    }
    record(x, spent);
  }
  return Verdict::Next;
}

Verdict peek(Exchange& x, const Pools& pools, Peeked* peeked) {
  assert(x.image);
  *peeked = {};
  peeked->denial = denial_of(x, x.image->deny());
  if (peeked->denial != Denial::None) return deny(x);
  peeked->levels = traced_levels_of(x, pools.seed());
  const Levels& levels = peeked->levels.plain;
  for (size_t i = 0; i < levels.count; ++i) {
    const Outlook& outlook = peeked->outlooks[i] =
        pools.look(levels.levels[i].key, allowance_of(levels.levels[i], x));
    if (!passes(outlook.outcome) && peeked->refusing == SIZE_MAX) peeked->refusing = i;
  }
  if (peeked->refusing == SIZE_MAX) return Verdict::Next;
  const Outlook& outlook = peeked->outlooks[peeked->refusing];
  return refuse(x, refusal_of(levels.levels[peeked->refusing], outlook.outcome),
                outlook.now.window_end_s);
}

void give_back(Exchange& x, Pools& pools) {
  while (x.throttled.charge_count > 0) {
    const Charge& charge = x.throttled.charges[--x.throttled.charge_count];
    pools.give_back(charge.pool_index, charge.window);
  }
}

}  // namespace apim::throttle
