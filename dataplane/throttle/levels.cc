#include "throttle/levels.h"

#include <cassert>

#include "schemas/layout.h"
#include "snapshot/image.h"

namespace apim::throttle {
namespace {

// What a key is about; the first number in its hash.
enum class Subject : uint64_t {
  Api = 1,
  Resource,
  Subscription,
  SubscriptionBurst,
  Application,
  ApplicationBurst,
  Backend
};

// The numbers of a key; unused ones are 0.
struct KeyParts {
  Subject subject;
  uint64_t policy = 0;
  uint64_t first = 0;
  uint64_t second = 0;
  uint64_t third = 0;
};

PoolKey key_of(const KeyParts& parts, const fbs::Limit& limit, uint64_t seed) {
  const uint64_t definition = static_cast<uint64_t>(parts.subject) << 48 |
                              uint64_t{limit.unit_time()} << 8 |
                              static_cast<uint64_t>(limit.unit());
  PoolKey key{.high = seed, .low = ~seed};
  for (const uint64_t part : {definition, parts.policy, parts.first, parts.second, parts.third}) {
    key.high = layout::hash_join(key.high, part);
    key.low = layout::hash_join(key.low, part ^ layout::kHashSeed);
  }
  key.high = layout::fold(key.high, layout::kHashSeed);
  key.low = layout::fold(key.low, layout::kHashSeed);
  return key;
}

// WSO2's shipped numbers, for an image without the standing policy: its absence opens nothing.
const fbs::Limit kUnauthenticated{500, 1, fbs::TimeUnit::Minute, fbs::QuotaKind::Requests};
const fbs::Limit kSubscriptionless{100'000, 1, fbs::TimeUnit::Minute, fbs::QuotaKind::Requests};

// Takes a level and, where somebody asks for it, its origin.
void append(Levels& levels, const Level& level, const LevelOrigin&) {
  assert(levels.count < Levels::kLevelsMax);
  levels.levels[levels.count++] = level;
}

void append(TracedLevels& levels, const Level& level, const LevelOrigin& origin) {
  levels.origins[levels.plain.count] = origin;
  append(levels.plain, level, origin);
}

// Appends levels for one exchange to a list.
template <class List>
class Gather {
 public:
  Gather(const Exchange& x, uint64_t seed, List& levels) : x_(x), seed_(seed), levels_(levels) {}

  void api_or_resource() {
    const fbs::Api& api = *x_.route.api;
    const fbs::Operation& operation = *x_.route.operation;
    const bool is_api_level = api.tier() != 0;
    const fbs::ThrottlePolicy* policy = policy_of(is_api_level ? api.tier() : operation.tier());
    if (policy == nullptr) return;
    KeyParts parts{.subject = is_api_level ? Subject::Api : Subject::Resource,
                   .policy = policy->id(),
                   .first = api.id()};
    if (!is_api_level) {
      parts.second = layout::hash_bytes(operation.target()->string_view(),
                                        static_cast<uint64_t>(operation.method()));
    }
    if (policy->per_user()) parts.third = x_.principal.user_hash;
    add(is_api_level ? FaultCode::ThrottledApi : FaultCode::ThrottledResource,
        {policy, policy->limit()}, parts);
  }

  void subscription() {
    const fbs::ThrottlePolicy* policy = subscription_policy();
    const fbs::Limit* limit = policy == nullptr ? limit_without_policy() : policy->limit();
    KeyParts parts{.subject = Subject::Subscription,
                   .policy = policy == nullptr ? 0 : policy->id(),
                   .third = x_.route.api->id()};
    if (x_.principal.application != nullptr) {
      parts.first = x_.principal.application->id();
    } else {
      parts.first = x_.client.address.high;
      parts.second = anonymous_low();
    }
    add(FaultCode::ThrottledSubscription, {policy, limit}, parts,
        policy != nullptr && !policy->stops_on_quota());
    if (policy == nullptr) return;
    parts.subject = Subject::SubscriptionBurst;
    add(FaultCode::ThrottledSubscriptionBurst, {policy, policy->burst()}, parts);
  }

  void application() {
    if (x_.principal.application == nullptr) return;
    const fbs::ThrottlePolicy* policy = policy_of(x_.principal.application->tier());
    if (policy == nullptr) return;
    KeyParts parts{.subject = Subject::Application,
                   .policy = policy->id(),
                   .first = x_.principal.application->id(),
                   .second = x_.principal.user_hash};
    add(FaultCode::ThrottledApplication, {policy, policy->limit()}, parts);
    parts.subject = Subject::ApplicationBurst;
    add(FaultCode::ThrottledApplicationBurst, {policy, policy->burst()}, parts);
  }

  void backend() {
    const fbs::Api& api = *x_.route.api;
    const bool is_sandbox = x_.principal.key_type == fbs::KeyType::Sandbox;
    const fbs::Limit* limit =
        is_sandbox ? api.backend_limit_sandbox() : api.backend_limit_production();
    add(FaultCode::ThrottledBackend, {nullptr, limit},
        {.subject = Subject::Backend,
         .first = api.id(),
         .second = static_cast<uint64_t>(x_.principal.key_type)});
  }

 private:
  const fbs::ThrottlePolicy* policy_of(uint32_t policy_id) const {
    if (policy_id == 0) return nullptr;
    const fbs::ThrottlePolicy* policy = x_.image->find_policy(policy_id);
    assert(policy != nullptr);  // The image builder resolved every id.
    return policy;
  }

  // Where there is no subscription, WSO2's stand-ins by name.
  const fbs::ThrottlePolicy* subscription_policy() const {
    if (x_.principal.application == nullptr) return x_.image->unauthenticated_policy();
    if (x_.principal.subscription == nullptr) return x_.image->subscriptionless_policy();
    return policy_of(x_.principal.subscription->tier());
  }

  // What counts where subscription_policy() has none: nothing only for a subscription's own tier.
  const fbs::Limit* limit_without_policy() const {
    if (x_.principal.application == nullptr) return &kUnauthenticated;
    if (x_.principal.subscription == nullptr) return &kSubscriptionless;
    return nullptr;
  }

  // An anonymous IPv6 client is its /64: one subscriber line has 2^64 addresses to spend.
  uint64_t anonymous_low() const { return x_.client.address.high == 0 ? x_.client.address.low : 0; }

  // Without a limit there is no level.
  void add(FaultCode fault, const LevelOrigin& origin, const KeyParts& parts,
           bool lets_overage_pass = false) {
    if (origin.limit == nullptr || origin.limit->count() == 0) return;
    append(levels_,
           {.fault = fault,
            .key = key_of(parts, *origin.limit, seed_),
            .window = window_at(*origin.limit, x_.wall_s),
            .count = origin.limit->count(),
            .lets_overage_pass = lets_overage_pass},
           origin);
  }

  const Exchange& x_;
  uint64_t seed_;
  List& levels_;
};

// WSO2's order.
template <class List>
[[gnu::always_inline]] inline List gathered(const Exchange& x, uint64_t seed) {
  assert(x.route.api != nullptr);
  assert(x.route.operation != nullptr);
  List levels;
  Gather<List> gather(x, seed, levels);
  gather.api_or_resource();
  gather.subscription();
  gather.application();
  gather.backend();
  return levels;
}

}  // namespace

Levels levels_of(const Exchange& x, uint64_t seed) { return gathered<Levels>(x, seed); }

TracedLevels traced_levels_of(const Exchange& x, uint64_t seed) {
  return gathered<TracedLevels>(x, seed);
}

}  // namespace apim::throttle
