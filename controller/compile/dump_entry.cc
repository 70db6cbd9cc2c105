#include "compile/dump_entry.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "compile/addresses.h"
#include "compile/segment.h"
#include "compile/text.h"

namespace apim::compile {
namespace {

using nlohmann::json;
using Strings = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;
using Ranges = flatbuffers::Vector<const fbs::IpRange*>;

std::string upper(const char* name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string method_text(fbs::Method method) { return upper(fbs::EnumNameMethod(method)); }

json strings(const Strings* list_or_null) {
  json out = json::array();
  if (list_or_null == nullptr) return out;
  for (const flatbuffers::String* text : *list_or_null) out.push_back(text->str());
  return out;
}

json ranges(const Ranges& list) {
  json out = json::array();
  for (const fbs::IpRange* range : list) {
    const std::string first = to_text(Address{range->first_high(), range->first_low()});
    const std::string last = to_text(Address{range->last_high(), range->last_low()});
    out.push_back(first == last ? first : first + " - " + last);
  }
  return out;
}

json hashes(const flatbuffers::Vector<uint64_t>& list) {
  json out = json::array();
  for (const uint64_t hash : list) out.push_back(fmt::format("{:016x}", hash));
  return out;
}

std::string step_text(const fbs::PolicyStep& step) {
  const std::string name = step.name() == nullptr ? "" : step.name()->str();
  const std::string value = step.value() == nullptr ? "" : step.value()->str();
  switch (step.kind()) {
    case fbs::PolicyKind::SetHeader: return fmt::format("set header {}: {}", name, value);
    case fbs::PolicyKind::RemoveHeader: return fmt::format("remove header {}", name);
    case fbs::PolicyKind::AddQuery: return fmt::format("add query {}={}", name, value);
    case fbs::PolicyKind::RewritePath:
      return fmt::format("rewrite path to {}{}", value,
                         step.keep_query() ? "" : ", drop the query");
    case fbs::PolicyKind::SetMethod: return "set method " + method_text(step.method());
    case fbs::PolicyKind::None: break;
  }
  return "unknown step";
}

void add_plan(json& out, const char* flow,
              const flatbuffers::Vector<flatbuffers::Offset<fbs::PolicyStep>>* steps_or_null) {
  if (steps_or_null == nullptr) return;
  for (const fbs::PolicyStep* step : *steps_or_null) out[flow].push_back(step_text(*step));
}

json dump_operation(const fbs::Operation& operation) {
  json out{{"operation",
            fmt::format("{} {}", method_text(operation.method()), operation.target()->str())},
           {"auth", fbs::EnumNameAuthType(operation.auth())}};
  if (operation.tier() != 0) out["tier"] = operation.tier();
  if (operation.scopes() != nullptr) out["scopes"] = strings(operation.scopes());
  add_plan(out, "request", operation.request());
  add_plan(out, "response", operation.response());
  add_plan(out, "fault", operation.fault());
  return out;
}

// ---- the matcher in the order in which it is tried

std::string segment_text(const fbs::TemplateSegment& segment, const std::string& texts) {
  const std::string text = texts.substr(segment.text_offset(), segment.text_length());
  switch (segment.kind()) {
    case fbs::SegmentKind::Literal: return text;
    case fbs::SegmentKind::Variable: return "{}";
    case fbs::SegmentKind::Rest: return "**";
    case fbs::SegmentKind::Mixed: break;
  }
  std::string out;
  for (const char c : text) out += c == '\0' ? std::string("{}") : std::string(1, c);
  return out;
}

std::string template_text(const fbs::TemplateEntry& entry, const fbs::Matcher& matcher,
                          const std::string& texts) {
  std::string out;
  for (uint32_t i = 0; i < entry.segment_count(); ++i) {
    out += "/" + segment_text(*matcher.segments()->Get(entry.first_segment() + i), texts);
  }
  return out;
}

json dump_matcher(const fbs::Matcher& matcher) {
  const std::string texts(reinterpret_cast<const char*>(matcher.texts()->data()),
                          matcher.texts()->size());
  json out = json::array();
  std::vector<uint16_t> exact;
  for (const fbs::ExactEntry* entry : *matcher.exact()) exact.push_back(entry->operation());
  std::ranges::sort(exact);
  for (const uint16_t operation : exact) out.push_back(fmt::format("exact -> {}", operation));
  for (const fbs::TemplateEntry* entry : *matcher.templates()) {
    out.push_back(fmt::format("template {} {} -> {}", method_text(entry->method()),
                              template_text(*entry, matcher, texts), entry->operation()));
  }
  for (const fbs::WildcardEntry* entry : *matcher.wildcards()) {
    const std::string text = texts.substr(entry->text_offset(), entry->text_length());
    out.push_back(entry->is_suffix()
                      ? fmt::format("suffix {} *{} -> {}", method_text(entry->method()), text,
                                    entry->operation())
                      : fmt::format("wildcard {} {}/* -> {}", method_text(entry->method()), text,
                                    entry->operation()));
  }
  return out;
}

// ---- endpoints and the API

json dump_endpoint(const fbs::Endpoint& endpoint) {
  json out{{"url", fmt::format("{}://{}{}", endpoint.tls() ? "https" : "http",
                               endpoint.authority()->str(), endpoint.path()->str())},
           {"host", endpoint.host()->str()},
           {"port", endpoint.port()}};
  if (endpoint.timeout_ms() != 0) out["timeoutMs"] = endpoint.timeout_ms();
  if (endpoint.suspend_ms() != 0) {
    out["suspend"] = fmt::format("{} ms, at most {} ms, factor {}", endpoint.suspend_ms(),
                                 endpoint.suspend_max_ms(), endpoint.suspend_factor());
  }
  if (endpoint.suspend_codes() != nullptr) {
    for (const uint32_t code : *endpoint.suspend_codes()) out["suspendCodes"].push_back(code);
  }
  if (endpoint.retry_codes() != nullptr) {
    for (const uint32_t code : *endpoint.retry_codes()) out["retryCodes"].push_back(code);
  }
  if (endpoint.retry_count() != 0) out["retryCount"] = endpoint.retry_count();
  if (endpoint.retry_delay_ms() != 0) out["retryDelayMs"] = endpoint.retry_delay_ms();
  return out;
}

void add_group(json& out, const char* name, const fbs::EndpointGroup* group_or_null) {
  if (group_or_null == nullptr) return;
  json& group = out[name];
  group["balance"] = fbs::EnumNameBalance(group_or_null->balance());
  for (const fbs::Endpoint* endpoint : *group_or_null->endpoints()) {
    group["endpoints"].push_back(dump_endpoint(*endpoint));
  }
}

json security_of(const fbs::Api& api) {
  json schemes = json::array();
  const auto has = [&](fbs::Scheme scheme) {
    return (api.schemes() & scheme) != fbs::Scheme::NONE;
  };
  if (has(fbs::Scheme::OAuth2)) schemes.push_back("oauth2");
  if (has(fbs::Scheme::ApiKey)) schemes.push_back("api_key");
  if (has(fbs::Scheme::Basic)) schemes.push_back("basic_auth");
  if (has(fbs::Scheme::MutualTls)) schemes.push_back("mutualssl");
  if (api.application_security_mandatory()) schemes.push_back("application level mandatory");
  if (api.mutual_tls_mandatory()) schemes.push_back("mutualssl mandatory");
  return schemes;
}

json transports_of(const fbs::Api& api) {
  json out = json::array();
  if ((api.transports() & fbs::Transport::Http) != fbs::Transport::NONE) out.push_back("http");
  if ((api.transports() & fbs::Transport::Https) != fbs::Transport::NONE) out.push_back("https");
  return out;
}

void add_limits(json& out, const fbs::Api& api) {
  if (api.tier() != 0) out["tier"] = api.tier();
  const auto add = [&](const char* name, const fbs::Limit* limit) {
    if (limit != nullptr && limit->count() != 0) out[name] = limit_text(limit);
  };
  add("backendLimitProduction", api.backend_limit_production());
  add("backendLimitSandbox", api.backend_limit_sandbox());
}

}  // namespace

std::string limit_text(const fbs::Limit* limit_or_null) {
  if (limit_or_null == nullptr || limit_or_null->count() == 0) return "unlimited";
  const std::string unit = to_lower(fbs::EnumNameTimeUnit(limit_or_null->unit()));
  const std::string kind = to_lower(fbs::EnumNameQuotaKind(limit_or_null->kind()));
  if (limit_or_null->unit_time() == 1) {
    return fmt::format("{} {} per {}", limit_or_null->count(), kind, unit);
  }
  return fmt::format("{} {} per {} {}s", limit_or_null->count(), kind, limit_or_null->unit_time(),
                     unit);
}

json dump_api(const fbs::Api& api) {
  json out{{"id", api.id()},
           {"uuid", api.uuid()->str()},
           {"name", api.name()->str()},
           {"version", api.version()->str()},
           {"context", api.context()->str()},
           {"provider", api.provider()->str()},
           {"tenant", api.tenant()->str()},
           {"revision", api.revision()},
           {"lifecycle", fbs::EnumNameLifecycle(api.lifecycle())},
           {"transports", transports_of(api)},
           {"security", security_of(api)},
           {"authorizationHeader", api.authorization_header()->str()},
           {"apiKeyHeader", api.api_key_header()->str()},
           {"matcher", dump_matcher(*api.matcher())}};
  for (const fbs::Operation* operation : *api.operations()) {
    out["operations"].push_back(dump_operation(*operation));
  }
  add_limits(out, api);
  add_group(out, "production", api.production());
  add_group(out, "sandbox", api.sandbox());
  if (api.cors() != nullptr) {
    out["cors"] = {{"origins", strings(api.cors()->origins())},
                   {"methods", strings(api.cors()->methods())},
                   {"headers", strings(api.cors()->headers())},
                   {"credentials", api.cors()->credentials()}};
  }
  return out;
}

json dump_policy(const fbs::ThrottlePolicy& policy) {
  json out{{"id", policy.id()},
           {"level", to_lower(fbs::EnumNamePolicyLevel(policy.level()))},
           {"name", policy.name()->str()},
           {"limit", limit_text(policy.limit())}};
  if (policy.burst() != nullptr && policy.burst()->count() != 0) {
    out["burst"] = limit_text(policy.burst());
  }
  if (!policy.stops_on_quota()) out["stopsOnQuota"] = false;
  if (policy.per_user()) out["perUser"] = true;
  return out;
}

json dump_deny(const fbs::Deny& deny) {
  return {{"apis", hashes(*deny.apis())},
          {"applications", hashes(*deny.applications())},
          {"users", hashes(*deny.users())},
          {"addresses", ranges(*deny.addresses())},
          {"outside", ranges(*deny.outside())}};
}

json dump_application(const fbs::Application& application) {
  json out{{"id", application.id()},
           {"uuid", application.uuid()->str()},
           {"name", application.name()->str()},
           {"owner", application.owner()->str()},
           {"subscriptions", json::array()}};
  if (application.tier() != 0) out["tier"] = application.tier();
  for (const fbs::Subscription* subscription : *application.subscriptions()) {
    out["subscriptions"].push_back(
        {{"api", subscription->api()},
         {"tier", subscription->tier()},
         {"state", fbs::EnumNameSubscriptionState(subscription->state())}});
  }
  return out;
}

json dump_key(const fbs::KeyEntry& entry, const fbs::Keys& keys) {
  layout::Digest digest{};
  std::memcpy(digest.data(), entry.digest()->data(), digest.size());
  json out{{"digest", to_hex(digest).substr(0, 12)},
           {"application", entry.application()},
           {"type", fbs::EnumNameKeyType(entry.key_type())},
           {"kind", fbs::EnumNameCredentialKind(entry.kind())}};
  if (entry.expires_s() != 0) out["expires"] = entry.expires_s();
  if (entry.api() != 0) out["api"] = entry.api();
  if (entry.restriction() == 0) return out;
  const fbs::Restriction* restriction = keys.restrictions()->Get(entry.restriction() - 1);
  if (restriction->addresses() != nullptr) out["addresses"] = ranges(*restriction->addresses());
  if (restriction->referers() != nullptr) out["referers"] = strings(restriction->referers());
  return out;
}

}  // namespace apim::compile
