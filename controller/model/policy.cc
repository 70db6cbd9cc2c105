#include "model/policy.h"

#include <array>

namespace apim::model {
namespace {

struct Shipped {
  PolicyLevel level;
  const char* name;
  QuotaKind kind;
  uint64_t count;  // 0: unlimited
  TimeUnit unit;
  const char* document;
};

using enum PolicyLevel;
using enum QuotaKind;

constexpr std::array kShipped{
    Shipped{Subscription, "Gold", Requests, 5000, TimeUnit::Minute, "{}"},
    Shipped{Subscription, "Silver", Requests, 2000, TimeUnit::Minute, "{}"},
    Shipped{Subscription, "Bronze", Requests, 1000, TimeUnit::Minute, "{}"},
    Shipped{Subscription, "Unauthenticated", Requests, 500, TimeUnit::Minute, "{}"},
    Shipped{Subscription, "DefaultSubscriptionless", Requests, 100000, TimeUnit::Minute, "{}"},
    Shipped{Subscription, "Unlimited", Requests, 0, TimeUnit::Minute, "{}"},
    Shipped{Subscription, "AsyncGold", Events, 50000, TimeUnit::Day, "{}"},
    Shipped{Subscription, "AsyncSilver", Events, 25000, TimeUnit::Day, "{}"},
    Shipped{Subscription, "AsyncBronze", Events, 5000, TimeUnit::Day, "{}"},
    Shipped{Subscription, "AsyncDefaultSubscriptionless", Events, 10000, TimeUnit::Day, "{}"},
    Shipped{Subscription, "AsyncUnlimited", Events, 0, TimeUnit::Day, "{}"},
    Shipped{Subscription, "AsyncWHGold", Events, 10000, TimeUnit::Month,
            R"({"subscriberCount":1000})"},
    Shipped{Subscription, "AsyncWHSilver", Events, 5000, TimeUnit::Month,
            R"({"subscriberCount":500})"},
    Shipped{Subscription, "AsyncWHBronze", Events, 1000, TimeUnit::Month,
            R"({"subscriberCount":100})"},
    Shipped{Subscription, "AsyncWHUnlimited", Events, 0, TimeUnit::Month, "{}"},
    Shipped{Subscription, "AIGold", AiTokens, 50000, TimeUnit::Minute, R"({"requestCount":500})"},
    Shipped{Subscription, "AISilver", AiTokens, 10000, TimeUnit::Minute, R"({"requestCount":100})"},
    Shipped{Subscription, "AIBronze", AiTokens, 1000, TimeUnit::Minute, R"({"requestCount":10})"},
    Shipped{Application, "50PerMin", Requests, 50, TimeUnit::Minute, "{}"},
    Shipped{Application, "20PerMin", Requests, 20, TimeUnit::Minute, "{}"},
    Shipped{Application, "10PerMin", Requests, 10, TimeUnit::Minute, "{}"},
    Shipped{Application, "Unlimited", Requests, 0, TimeUnit::Minute, "{}"},
    Shipped{Advanced, "50KPerMin", Requests, 50000, TimeUnit::Minute, "{}"},
    Shipped{Advanced, "20KPerMin", Requests, 20000, TimeUnit::Minute, "{}"},
    Shipped{Advanced, "10KPerMin", Requests, 10000, TimeUnit::Minute, "{}"},
    Shipped{Advanced, "Unlimited", Requests, 0, TimeUnit::Minute, "{}"},
};

const char* noun(QuotaKind kind) {
  switch (kind) {
    case Requests: return "requests";
    case Bytes: return "bytes";
    case Events: return "events";
    case AiTokens: return "tokens";
  }
  return "";
}

const char* noun(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::Second: return "second";
    case TimeUnit::Minute: return "minute";
    case TimeUnit::Hour: return "hour";
    case TimeUnit::Day: return "day";
    case TimeUnit::Week: return "week";
    case TimeUnit::Month: return "month";
    case TimeUnit::Year: return "year";
  }
  return "";
}

std::string describe(const Shipped& row) {
  if (row.count == 0) return std::string("Allows unlimited ") + noun(row.kind);
  return "Allows " + std::to_string(row.count) + " " + noun(row.kind) + " per " + noun(row.unit);
}

}  // namespace

std::vector<ThrottlePolicy> shipped_policies() {
  std::vector<ThrottlePolicy> policies;
  policies.reserve(kShipped.size());
  for (const Shipped& row : kShipped) {
    ThrottlePolicy policy;
    policy.level = row.level;
    policy.name = row.name;
    policy.display_name = row.name;
    policy.description = describe(row);
    policy.limit = {.kind = row.kind, .count = row.count, .unit_time = 1, .unit = row.unit};
    policy.document = row.document;
    policies.push_back(std::move(policy));
  }
  return policies;
}

bool is_unlimited_name(const std::string& policy_name) {
  return policy_name.empty() || policy_name == "Unlimited";
}

}  // namespace apim::model
