#include "gate/proceed.h"

#include <cassert>

#include "auth/authenticate.h"
#include "match/match.h"
#include "policy/shape.h"
#include "throttle/throttle.h"

namespace apim::gate {
namespace {

// A step's verdict decides; the order is the enum's.
Verdict take(Step step, Exchange& x, upstream::Leg& leg, upstream::LegOwner& owner,
             Context& context) {
  switch (step) {
    case Step::Match: return match::match(x, context.match);
    case Step::Authenticate: return auth::authenticate(x);
    case Step::Throttle: return throttle::throttle(x, context.counters);
    case Step::Shape: return policy::shape(x);
    case Step::Forward: return upstream::forward(x, leg, context.upstreams, owner);
    case Step::Done: break;
  }
  assert(false);
  return Verdict::Answer;
}

}  // namespace

Verdict proceed(Exchange& x, Step* step, upstream::Leg& leg, upstream::LegOwner& owner,
                Context& context) {
  while (true) {
    const Verdict verdict = take(*step, x, leg, owner, context);
    if (verdict == Verdict::Wait) return verdict;
    if (verdict == Verdict::Answer) {
      assert(x.answer.set);
      // A request that the gateway itself could not carry costs its caller nothing.
      if (*step > Step::Throttle && x.answer.code == FaultCode::Overloaded) {
        throttle::give_back(x, context.counters);
      }
      return verdict;
    }
    *step = static_cast<Step>(static_cast<uint8_t>(*step) + 1);
  }
}

}  // namespace apim::gate
