#include "gate/why.h"

#include <fmt/format.h>

#include <array>
#include <cassert>

#include "auth/authenticate.h"
#include "auth/subscription.h"
#include "gate/client_side.h"
#include "gate/described.h"
#include "gate/json.h"
#include "http/guard.h"
#include "http/h1_parser.h"
#include "http/token_list.h"
#include "match/match.h"
#include "policy/shape.h"
#include "schemas/layout.h"
#include "snapshot/view.h"
#include "throttle/throttle.h"
#include "upstream/request_head.h"

namespace apim::gate {
namespace {

using snapshot::view;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

std::string_view name_of(fbs::Lifecycle lifecycle) {
  switch (lifecycle) {
    case fbs::Lifecycle::Created: return "CREATED";
    case fbs::Lifecycle::Prototyped: return "PROTOTYPED";
    case fbs::Lifecycle::Published: return "PUBLISHED";
    case fbs::Lifecycle::Blocked: return "BLOCKED";
    case fbs::Lifecycle::Deprecated: return "DEPRECATED";
    case fbs::Lifecycle::Retired: return "RETIRED";
  }
  return "unknown";
}

std::string_view name_of(fbs::AuthType type) {
  switch (type) {
    case fbs::AuthType::Any: return "Any";
    case fbs::AuthType::Application: return "Application";
    case fbs::AuthType::ApplicationUser: return "Application User";
    case fbs::AuthType::None: return "None";
  }
  return "unknown";
}

std::string_view name_of(fbs::SubscriptionState state) {
  switch (state) {
    case fbs::SubscriptionState::Unblocked: return "UNBLOCKED";
    case fbs::SubscriptionState::Blocked: return "BLOCKED";
    case fbs::SubscriptionState::ProductionBlocked: return "PROD_ONLY_BLOCKED";
    case fbs::SubscriptionState::OnHold: return "ON_HOLD";
    case fbs::SubscriptionState::Rejected: return "REJECTED";
    case fbs::SubscriptionState::TierUpdatePending: return "TIER_UPDATE_PENDING";
    case fbs::SubscriptionState::DeletePending: return "DELETE_PENDING";
  }
  return "unknown";
}

std::string_view name_of(fbs::TimeUnit unit) {
  switch (unit) {
    case fbs::TimeUnit::Second: return "second";
    case fbs::TimeUnit::Minute: return "minute";
    case fbs::TimeUnit::Hour: return "hour";
    case fbs::TimeUnit::Day: return "day";
    case fbs::TimeUnit::Week: return "week";
    case fbs::TimeUnit::Month: return "month";
    case fbs::TimeUnit::Year: return "year";
  }
  return "unknown";
}

std::string_view name_of(fbs::Balance balance) {
  switch (balance) {
    case fbs::Balance::Single: return "single";
    case fbs::Balance::RoundRobin: return "round_robin";
    case fbs::Balance::Failover: return "failover";
  }
  return "unknown";
}

std::string_view name_of(throttle::Denial denial) {
  switch (denial) {
    case throttle::Denial::None: break;
    case throttle::Denial::Api: return "api";
    case throttle::Denial::Application: return "application";
    case throttle::Denial::User: return "user";
    case throttle::Denial::Address: return "address";
    case throttle::Denial::Outside: return "outside_of_range";
  }
  return "none";
}

std::string_view level_name(FaultCode fault) {
  switch (fault) {
    case FaultCode::ThrottledApi: return "api";
    case FaultCode::ThrottledResource: return "resource";
    case FaultCode::ThrottledSubscription: return "subscription";
    case FaultCode::ThrottledSubscriptionBurst: return "subscription_burst";
    case FaultCode::ThrottledApplication: return "application";
    case FaultCode::ThrottledApplicationBurst: return "application_burst";
    case FaultCode::ThrottledBackend: return "backend";
    default: return "unknown";
  }
}

std::string_view key_type_name(const Exchange& x) {
  return x.principal.key_type == fbs::KeyType::Sandbox ? "SANDBOX" : "PRODUCTION";
}

// "owner:name" as deny conditions spell it: owners of the super tenant without their tenant.
std::string deny_name_of(const fbs::Application& application) {
  const std::string_view owner = view(application.owner());
  const std::string bare =
      fmt::format("{}:{}", owner.substr(0, owner.rfind('@')), view(application.name()));
  if (layout::hash_bytes(bare) == application.deny_hash()) return bare;
  return fmt::format("{}:{}", owner, view(application.name()));
}

// One question on its way through the steps, and the page it becomes.
class Explanation {
 public:
  Explanation(const Described& described, const WhyState& state)
      : described_(described), state_(state), current_([](auto) {}) {
    if (state.image != nullptr) current_.adopt(state.image);
    x_.wall_s = state.now_ms / 1000;
    x_.wall_ms_part = static_cast<uint32_t>(state.now_ms % 1000);
    x_.client.peer = described.client;
    x_.client.address = described.client;
    x_.request_id = "why";
  }

  // The page's text; the error is one line for people.
  std::expected<std::string, std::string> run() {
    auto key_header = where_the_key_goes();
    if (!key_header) return std::unexpected(key_header.error());
    const auto head = to_head(described_, *key_header);
    if (!head) return std::unexpected(head.error());
    x_.client.tls = head->is_tls;
    json_.open('{');
    json_.text("gateway", state_.gateway_id);
    json_.number("epoch", state_.image == nullptr ? 0 : state_.image->epoch());
    json_.number("live_epoch", state_.live_epoch);
    json_.number("at_ms", state_.now_ms);
    json_.name("steps");
    json_.open('[');
    run_steps(head->bytes);
    json_.close(']');
    put_outcome();
    json_.close('}');
    return json_.take();
  }

 private:
  match::Settings match_settings() const {
    return {.default_vhost = state_.settings.listen.default_vhost};
  }

  // The header that gets the described key; empty: no key, or nobody would look at it.
  std::expected<std::string, std::string> where_the_key_goes() const {
    if (described_.key.empty() || !described_.key_header.empty() || state_.image == nullptr)
      return described_.key.empty() ? std::string() : described_.key_header;
    const auto head = to_head(described_, {});
    if (!head) return std::unexpected(head.error());
    snapshot::Current current([](auto) {});
    current.adopt(state_.image);
    Exchange x;
    x.client.tls = head->is_tls;
    if (!parse(head->bytes, x)) return std::string();
    x.image = current.pin();
    match::match(x, match_settings());
    if (x.route.api == nullptr) return std::string();
    return std::string(view(x.route.api->api_key_header()));
  }

  // As http::ServerConnection takes a head.
  Result<void> parse(std::string_view bytes, Exchange& x) const {
    const http::HeadLimits limits{
        .head_bytes = static_cast<uint32_t>(state_.settings.limits.head_bytes),
        .line_bytes = static_cast<uint32_t>(state_.settings.limits.line_bytes),
        .field_count = static_cast<uint32_t>(state_.settings.limits.header_count)};
    http::Guard guard(http::Guard::Kind::Request);
    const auto scan = guard.scan(bytes, limits);
    if (scan.outcome == http::Guard::Outcome::Refused)
      return std::unexpected(fault(scan.code, "guard refused the head"));
    if (scan.outcome == http::Guard::Outcome::NeedMore || scan.used != bytes.size())
      return std::unexpected(fault(FaultCode::BadRequest, "an empty line inside the head"));
    const std::string_view copy = x.arena.copy(bytes.substr(guard.skipped_bytes()));
    if (copy.data() == nullptr)
      return std::unexpected(fault(FaultCode::HeadTooLarge, "arena full: head"));
    auto parsed = http::parse_request(copy, guard.field_count(), x.arena, &x.request);
    if (!parsed) return parsed;
    if (x.request.framing == http::Framing::Length &&
        x.request.content_length > state_.settings.limits.body_bytes) {
      return std::unexpected(fault(FaultCode::BodyTooLarge, "Content-Length over the limit"));
    }
    return {};
  }

  // In the order of gate/proceed.cc; each one puts its object and says whether to go on.
  void run_steps(std::string_view bytes) {
    if (!run_parse(bytes)) return;
    if (!run_match()) return;
    if (!run_authenticate()) return;
    if (!run_throttle()) return;
    if (!run_shape()) return;
    run_forward();
  }

  void begin_step(std::string_view name, Verdict verdict) {
    json_.item();
    json_.open('{');
    json_.text("step", name);
    json_.text("decision", verdict == Verdict::Next ? "next" : "answer");
    if (verdict != Verdict::Next) json_.text("reason", reason());
  }

  std::string_view reason() const {
    const bool is_preflight = x_.answer.code == FaultCode::kCount;
    return is_preflight ? "the gateway answers OPTIONS for the path itself" : x_.answer.what;
  }

  bool end_step() {
    json_.close('}');
    return !x_.answer.set;
  }

  bool run_parse(std::string_view bytes) {
    const auto parsed = parse(bytes, x_);
    find_client(x_, state_.settings.listen.trusted_proxies);
    if (!parsed) {
      answer(x_, parsed.error());
    } else if (state_.image == nullptr) {
      answer(x_, fault(FaultCode::NotReady, "no snapshot yet"));
    }
    begin_step("parse", x_.answer.set ? Verdict::Answer : Verdict::Next);
    if (parsed) {
      json_.text("method", http::to_text(x_.request.method));
      json_.text("host", x_.request.host);
      json_.text("path", x_.request.target.path);
      json_.flag("has_query", x_.request.target.has_query);
    }
    json_.text("client", to_text(x_.client.address));
    json_.text("transport", x_.client.tls ? "https" : "http");
    // Nothing but clear text is listened to; who ends TLS in front of it forwards as http.
    if (x_.client.tls)
      json_.text("note", "this gateway has no https port: no request arrives like this");
    return end_step();
  }

  bool run_match() {
    x_.image = current_.pin();
    const match::Settings settings = match_settings();
    const Verdict verdict = match::match(x_, settings);
    begin_step("match", verdict);
    const fbs::Vhost* vhost = match::vhost_of(x_, settings);
    if (vhost == nullptr) {
      json_.null("vhost");
    } else {
      json_.text("vhost", view(vhost->host()));
      json_.text("vhost_by", view(vhost->host()) == x_.request.host ? "host" : "default");
    }
    if (x_.route.api != nullptr) put_api(*x_.route.api);
    if (const fbs::Operation* operation = x_.route.operation; operation != nullptr) {
      json_.name("operation");
      json_.open('{');
      json_.text("verb", http::to_text(static_cast<http::Method>(operation->method())));
      json_.text("target", view(operation->target()));
      json_.text("auth", name_of(operation->auth()));
      json_.close('}');
    }
    if (!x_.answer.allow.empty()) json_.text("allow", x_.answer.allow);
    return end_step();
  }

  void put_api(const fbs::Api& api) {
    json_.name("api");
    json_.open('{');
    json_.text("name", view(api.name()));
    json_.text("version", view(api.version()));
    json_.text("uuid", view(api.uuid()));
    json_.text("context", view(api.context()));
    json_.number("revision", api.revision());
    json_.text("lifecycle", name_of(api.lifecycle()));
    json_.close('}');
    json_.flag("default_version", x_.route.by_default_version);
    json_.text("resource", x_.route.resource);
  }

  bool run_authenticate() {
    const http::Target sent = x_.request.target;
    std::vector<bool> was_dropped;
    for (const http::Field& field : x_.request.fields) was_dropped.push_back(field.dropped);
    const Verdict verdict = auth::authenticate(x_);
    begin_step("authenticate", verdict);
    put_schemes();
    // What the step takes out of the request is what it took for a credential.
    json_.name("credentials");
    json_.open('[');
    for (size_t i = 0; i < was_dropped.size(); ++i) {
      const http::Field& field = x_.request.fields[i];
      if (field.dropped && !was_dropped[i]) put_credential("header", field.name);
    }
    if (x_.request.target.query.data() != sent.query.data())
      put_credential("query", view(x_.route.api->api_key_header()));
    json_.close(']');
    put_principal();
    return end_step();
  }

  void put_credential(std::string_view where, std::string_view name) {
    json_.item();
    json_.open('{');
    json_.text("where", where);
    json_.text("name", name);
    json_.close('}');
  }

  void put_schemes() {
    constexpr std::array<std::pair<fbs::Scheme, std::string_view>, 4> kSchemes{
        {{fbs::Scheme::OAuth2, "oauth2"},
         {fbs::Scheme::ApiKey, "api_key"},
         {fbs::Scheme::Basic, "basic"},
         {fbs::Scheme::MutualTls, "mutual_tls"}}};
    const fbs::Api& api = *x_.route.api;
    json_.name("demands");
    json_.open('[');
    if (x_.route.operation->auth() != fbs::AuthType::None) {
      for (const auto& [scheme, name] : kSchemes) {
        if ((api.schemes() & scheme) != fbs::Scheme::NONE) json_.text_item(name);
      }
    }
    json_.close(']');
    json_.text("api_key_header", view(api.api_key_header()));
    json_.flag("validates_subscription", api.validates_subscription());
  }

  void put_principal() {
    const fbs::Application* application = x_.principal.application;
    if (const std::string_view user = auth::user_of(x_.principal); !user.empty()) {
      json_.text("user", user);
      json_.text("key_type", key_type_name(x_));
    }
    if (application == nullptr) return json_.null("application");
    json_.name("application");
    json_.open('{');
    json_.number("id", application->id());
    json_.text("name", view(application->name()));
    json_.text("owner", view(application->owner()));
    json_.close('}');
    const auto* subscription = auth::find_subscription(*application, x_.route.api->id());
    if (subscription == nullptr) return json_.null("subscription");
    json_.name("subscription");
    json_.open('{');
    json_.text("plan", plan_name(subscription->tier()));
    json_.text("state", name_of(subscription->state()));
    json_.close('}');
  }

  std::string_view plan_name(uint32_t policy_id) const {
    const fbs::ThrottlePolicy* policy =
        policy_id == 0 ? nullptr : state_.image->find_policy(policy_id);
    return policy == nullptr ? "Unlimited" : view(policy->name());
  }

  bool run_throttle() {
    throttle::Peeked peeked;
    const Verdict verdict = throttle::peek(x_, state_.counters, &peeked);
    begin_step("throttle", verdict);
    if (peeked.denial == throttle::Denial::None) {
      json_.null("denied");
    } else {
      json_.name("denied");
      json_.open('{');
      json_.text("by", name_of(peeked.denial));
      json_.text("value", denied_value(peeked.denial));
      json_.close('}');
    }
    json_.name("levels");
    json_.open('[');
    for (size_t i = 0; i < peeked.levels.plain.count; ++i) put_level(peeked, i);
    json_.close(']');
    return end_step();
  }

  // What the condition is written for, in the words it is written in.
  std::string denied_value(throttle::Denial denial) const {
    switch (denial) {
      case throttle::Denial::None: break;
      case throttle::Denial::Api: return std::string(view(x_.route.api->context()));
      case throttle::Denial::Application: return deny_name_of(*x_.principal.application);
      case throttle::Denial::User: return std::string(auth::user_of(x_.principal));
      case throttle::Denial::Address:
      case throttle::Denial::Outside: return to_text(x_.client.address);
    }
    return {};
  }

  void put_level(const throttle::Peeked& peeked, size_t index) {
    const throttle::Level& level = peeked.levels.plain.levels[index];
    const throttle::LevelOrigin& origin = peeked.levels.origins[index];
    const throttle::Outlook& outlook = peeked.outlooks[index];
    const uint64_t count = std::min(level.count, throttle::Pools::kCountMax);
    json_.item();
    json_.open('{');
    json_.text("level", level_name(level.fault));
    put_policy(level, origin);
    json_.number("limit", level.count);
    json_.number("unit_time", origin.limit->unit_time());
    json_.text("unit", name_of(origin.limit->unit()));
    json_.number("used", outlook.now.used);
    json_.number("remains", outlook.now.used < count ? count - outlook.now.used : 0);
    json_.number("window_end_s", outlook.now.window_end_s);
    json_.flag("stops_on_quota", !level.lets_overage_pass);
    json_.text("state", state_name(outlook.outcome));
    json_.flag("refuses", index == peeked.refusing);
    json_.number("code", text_of(level.fault).code);
    json_.close('}');
  }

  void put_policy(const throttle::Level& level, const throttle::LevelOrigin& origin) {
    if (origin.policy != nullptr) return json_.text("policy", view(origin.policy->name()));
    if (level.fault != FaultCode::ThrottledSubscription) return json_.null("policy");
    json_.text("policy",
               x_.principal.application == nullptr ? "Unauthenticated" : "DefaultSubscriptionless");
  }

  static std::string_view state_name(throttle::Spent::Outcome outcome) {
    switch (outcome) {
      case throttle::Spent::Outcome::Admitted: return "open";
      case throttle::Spent::Outcome::Over: return "over";
      case throttle::Spent::Outcome::Exhausted: return "exhausted";
      case throttle::Spent::Outcome::Full: return "no_counter";
    }
    return "unknown";
  }

  bool run_shape() {
    const Verdict verdict = policy::shape(x_);
    begin_step("shape", verdict);
    json_.text("method", http::to_text(x_.shape.method));
    json_.text("path", x_.shape.resource);
    for (const bool removes : {false, true}) {
      json_.name(removes ? "removes" : "sets");
      json_.open('[');
      for (uint8_t i = 0; i < x_.shape.request_edit_count; ++i) {
        const HeaderEdit& edit = x_.shape.request_edits[i];
        if (edit.removes == removes) json_.text_item(edit.name);
      }
      json_.close(']');
    }
    return end_step();
  }

  // The group exists: authenticate() saw to that.
  void run_forward() {
    const fbs::Api& api = *x_.route.api;
    const bool is_sandbox = x_.principal.key_type == fbs::KeyType::Sandbox;
    const fbs::EndpointGroup* group = is_sandbox ? api.sandbox() : api.production();
    assert(group != nullptr);
    const auto choices = state_.choices({.image = state_.image, .api = &api, .group = group});
    decide_forward(choices, *group);
    begin_step("forward", x_.answer.set ? Verdict::Answer : Verdict::Next);
    json_.text("endpoints_of", is_sandbox ? "sandbox" : "production");
    json_.text("balance", name_of(group->balance()));
    json_.name("endpoints");
    json_.open('[');
    for (const fbs::Endpoint* endpoint : *group->endpoints()) json_.text_item(url_of(*endpoint));
    json_.close(']');
    json_.name("next");
    json_.open('[');
    for (const WorkerChoice& each : choices) {
      json_.item();
      json_.open('{');
      json_.number("worker", each.worker);
      if (each.choice) {
        json_.text("url", url_of(*each.choice->endpoint));
      } else {
        json_.number("code", text_of(each.choice.error().code).code);
        json_.text("reason", each.choice.error().what);
      }
      json_.close('}');
    }
    json_.close(']');
    end_step();
  }

  // Forwarded when some worker would; the answer of all of them otherwise.
  void decide_forward(const std::vector<WorkerChoice>& choices, const fbs::EndpointGroup& group) {
    const Fault* refusal = nullptr;
    for (const WorkerChoice& each : choices) {
      if (!each.choice) {
        refusal = &each.choice.error();
        continue;
      }
      add_target(*each.choice->endpoint);
    }
    if (choices.empty()) {
      for (const fbs::Endpoint* endpoint : *group.endpoints()) add_target(*endpoint);
    }
    if (!targets_.empty() || refusal == nullptr) return;
    answer(x_, *refusal);
  }

  // The first head is made for real: it may not fit.
  void add_target(const fbs::Endpoint& endpoint) {
    if (targets_.empty()) {
      const auto head = upstream::request_head(x_, endpoint);
      if (!head) return answer(x_, head.error());
    }
    const std::string url = url_of(endpoint);
    for (const std::string& known : targets_) {
      if (known == url) return;
    }
    targets_.push_back(url);
  }

  std::string url_of(const fbs::Endpoint& endpoint) const {
    const bool is_ipv6 = view(endpoint.host()).find(':') != std::string_view::npos;
    return fmt::format("{}://{}{}{}:{}{}{}", endpoint.tls() ? "https" : "http", is_ipv6 ? "[" : "",
                       view(endpoint.host()), is_ipv6 ? "]" : "", endpoint.port(),
                       view(endpoint.path()), x_.shape.resource);
  }

  void put_outcome() {
    json_.name("outcome");
    json_.open('{');
    json_.flag("forwarded", !x_.answer.set);
    if (!x_.answer.set) {
      json_.name("to");
      json_.open('[');
      for (const std::string& url : targets_) json_.text_item(url);
      json_.close(']');
      return json_.close('}');
    }
    json_.number("status", x_.answer.status);
    if (x_.answer.code == FaultCode::kCount) {
      json_.text("reason", reason());
      return json_.close('}');
    }
    const FaultText& text = text_of(x_.answer.code);
    json_.text("fault", text.name);
    json_.number("code", text.code);
    json_.text("message", http::trimmed(text.message.empty() ? text.type : text.message));
    json_.text("reason", reason());
    if (x_.answer.retry_at_s != 0) json_.number("retry_at_s", x_.answer.retry_at_s);
    json_.raw("body", x_.answer.body);
    json_.close('}');
  }

  const Described& described_;
  const WhyState& state_;
  snapshot::Current current_;
  Exchange x_;  // Pins an image of current_: ends before it.
  std::vector<std::string> targets_;
  Json json_;
};

AdminPage refusal(uint16_t status, std::string why) {
  return {.status = status, .content_type = kText, .allow = {}, .body = std::move(why) + "\n"};
}

}  // namespace

AdminPage why_page(const AdminRequest& request, const WhyState& state) {
  // A page in an operator's browser could ask as well as the operator.
  if (!request.origin.empty()) return refusal(403, "not for pages in a browser");
  const std::string_view type =
      http::trimmed(request.content_type.substr(0, request.content_type.find(';')));
  if (!http::equals_ignoring_case(type, kForm))
    return refusal(415, "describe the request as " + std::string(kForm));
  const auto described = parse_described(request.body);
  if (!described) return refusal(400, described.error());
  auto text = Explanation(*described, state).run();
  if (!text) return refusal(400, text.error());
  return {.status = 200, .content_type = kJson, .allow = {}, .body = std::move(*text)};
}

}  // namespace apim::gate
