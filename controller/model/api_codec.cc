#include "model/api_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "model/ascii.h"
#include "model/endpoint_codec.h"
#include "model/field.h"
#include "model/kept_fields.h"
#include "model/operation_codec.h"

namespace apim::model {
namespace {

using Json = nlohmann::json;

constexpr int kInvalidApi = 900754;
constexpr size_t kContextBytesMax = 232;
constexpr std::string_view kVersionVariable = "{version}";
constexpr size_t kDepthMax = 64;
constexpr uint64_t kTpsMax = 1'000'000'000;
constexpr TextBounds kNameBounds{.bytes_min = 1, .bytes_max = 255};

constexpr std::array<std::pair<Lifecycle, const char*>, 6> kLifecycles{{
    {Lifecycle::Created, "CREATED"},
    {Lifecycle::Prototyped, "PROTOTYPED"},
    {Lifecycle::Published, "PUBLISHED"},
    {Lifecycle::Blocked, "BLOCKED"},
    {Lifecycle::Deprecated, "DEPRECATED"},
    {Lifecycle::Retired, "RETIRED"},
}};

constexpr std::array<std::pair<Verb, const char*>, 8> kVerbs{{
    {Verb::Get, "GET"},
    {Verb::Head, "HEAD"},
    {Verb::Post, "POST"},
    {Verb::Put, "PUT"},
    {Verb::Delete, "DELETE"},
    {Verb::Patch, "PATCH"},
    {Verb::Options, "OPTIONS"},
    {Verb::Trace, "TRACE"},
}};

const std::vector<std::string> kTypes = {"HTTP",   "WS",  "SOAPTOREST", "SOAP", "GRAPHQL",
                                         "WEBSUB", "SSE", "WEBHOOK",    "ASYNC"};
const std::vector<std::string> kSchemes = {"oauth2",
                                           "api_key",
                                           "basic_auth",
                                           "mutualssl",
                                           "oauth_basic_auth_api_key_mandatory",
                                           "mutualssl_mandatory"};
const std::vector<std::string> kCorsMethods = {"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"};
const std::vector<std::string> kCorsHeaders = {"authorization", "Access-Control-Allow-Origin",
                                               "Content-Type",  "SOAPAction",
                                               "apikey",        "Internal-Key"};

// Headers the gateway needs for itself: they cannot carry a credential that is stripped.
constexpr std::string_view kReservedHeaders[] = {
    "host",    "connection", "content-length", "transfer-encoding", "content-type", "te",
    "upgrade", "trailer",    "cookie"};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Without recursion: the document is the client's.
bool nests_deeper_than(const Json& data, size_t depth_max) {
  std::vector<std::pair<const Json*, size_t>> open = {{&data, 1}};
  while (!open.empty()) {
    const auto [value, depth] = open.back();
    open.pop_back();
    if (depth > depth_max) return true;
    if (!value->is_structured()) continue;
    for (const Json& child : *value) open.emplace_back(&child, depth + 1);
  }
  return false;
}

// ---- identity

std::string read_name(const Field& field) {
  if (!field.present()) {
    field.refuse("is missing");
    return "";
  }
  const std::string name = field.text("", kNameBounds);
  const size_t bad = name.find_first_of("~!@#;:%^*()+={}|\\<>\"',&$[]/");
  if (bad != std::string::npos) {
    field.refuse(fmt::format("{} has the character '{}', which an API's name cannot have",
                             shown(name), name[bad]));
  } else if (name.find_first_not_of(' ') == std::string::npos && !name.empty()) {
    field.refuse("is blank");
  }
  return name;
}

// Blanks are dropped, as WSO2's import does.
std::string read_version(const Field& field) {
  if (!field.present()) {
    field.refuse("is missing");
    return "";
  }
  std::string version = field.text("", {.bytes_min = 1, .bytes_max = 30});
  std::erase(version, ' ');
  const auto bad = std::find_if(version.begin(), version.end(), [](char c) {
    return !is_alphanumeric(c) && c != '.' && c != '-' && c != '_';
  });
  if (bad != version.end()) {
    field.refuse(
        fmt::format("{} must be made of letters, digits, '.', '-' and '_'", shown(version)));
  } else if (version == "." || version == "..") {
    field.refuse(fmt::format("{} cannot be a segment of a path", shown(version)));
  }
  return version;
}

std::string why_not_context_segment(std::string_view segment) {
  if (segment.empty()) return "has an empty segment ('//' or a '/' at the end)";
  if (segment == "." || segment == "..") return "has '.' or '..' as a segment";
  const size_t variable = segment.find(kVersionVariable);
  for (size_t i = 0; i < segment.size(); ++i) {
    if (variable != std::string_view::npos && i == variable) {
      i += kVersionVariable.size() - 1;
      continue;
    }
    const char c = segment[i];
    if (c == '{' || c == '}') return "has a template; only {version} can stand there, and once";
    if (!is_alphanumeric(c) && std::string_view("-._~()").find(c) == std::string_view::npos) {
      return c > ' ' && c < 0x7f
                 ? fmt::format("has the character '{}'; use letters, digits, '-', '.', '_' and '~'",
                               c)
                 : "has a space, a control character or a character outside of ASCII";
    }
  }
  return "";
}

std::string why_not_context(const std::string& context) {
  if (context == "/") return "names no path";
  const size_t first = context.find(kVersionVariable);
  if (first != std::string::npos &&
      context.find(kVersionVariable, first + 1) != std::string::npos) {
    return "has {version} twice";
  }
  for (size_t begin = 0; begin < context.size();) {
    const size_t end = std::min(context.find('/', begin + 1), context.size());
    std::string why =
        why_not_context_segment(std::string_view(context).substr(begin + 1, end - begin - 1));
    if (!why.empty()) return why;
    begin = end;
  }
  return "";
}

std::string with_slash(const std::string& context) {
  return context.starts_with('/') ? context : "/" + context;
}

void read_context(const Field& field, Api& api) {
  if (!field.present()) {
    field.refuse("is missing; write the path under which the API is reached, such as /pizza");
    return;
  }
  std::string context = field.text("", {.bytes_min = 1, .bytes_max = kContextBytesMax});
  if (context.empty()) return;
  context = with_slash(context);
  if (const std::string why = why_not_context(context); !why.empty()) {
    field.refuse(fmt::format("{} {}", shown(context), why));
    return;
  }
  const bool templated = context.find(kVersionVariable) != std::string::npos;
  api.context_template = templated ? context : context + "/" + std::string(kVersionVariable);
  api.context = expand_context(context, api.version);
  if (!templated && !api.version.empty() && context.ends_with("/" + api.version)) {
    field.warn(fmt::format("ends with the version already; the API is reached at {}", api.context));
  }
}

std::string read_header_name(const Field& field, const std::string& fallback) {
  const std::string name = field.text(fallback, {.bytes_max = 255});
  if (name.empty()) return fallback;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return is_alphanumeric(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
  const auto reserved =
      std::find(std::begin(kReservedHeaders), std::end(kReservedHeaders), lower(name));
  if (!plain) field.refuse(fmt::format("{} is not the name of a header", shown(name)));
  if (reserved != std::end(kReservedHeaders)) {
    field.refuse(fmt::format("{} is a header HTTP needs for itself; choose another", shown(name)));
  }
  return name;
}

void read_identity(const Field& data, Api& api) {
  api.name = read_name(data["name"]);
  api.version = read_version(data["version"]);
  read_context(data["context"], api);
  api.provider = data["provider"].text("", {.bytes_max = 200});
  api.description = data["description"].text("", {.many_lines = true});
  api.is_default_version = data["isDefaultVersion"].flag(false);
  const Field type = data["type"];
  api.type = upper(type.text("HTTP"));
  if (!contains(kTypes, api.type)) {
    type.refuse(fmt::format("is {}; it must be {}", shown(api.type), one_of(kTypes)));
  } else if (api.type != "HTTP") {
    type.warn(
        fmt::format("{} is kept; the gateway serves HTTP APIs only, so this API cannot be deployed",
                    shown(api.type)));
  }
  const Field state = data["lifeCycleStatus"];
  const std::string state_text = state.text("CREATED");
  const auto lifecycle = parse_lifecycle(state_text);
  if (!lifecycle) {
    state.refuse(fmt::format(
        "is {}; it must be CREATED, PROTOTYPED, PUBLISHED, BLOCKED, DEPRECATED or RETIRED",
        shown(state_text)));
  }
  api.lifecycle = lifecycle.value_or(Lifecycle::Created);
  api.tags = data["tags"].texts({}, kNameBounds);
}

// ---- who may call, how often

void read_transport(const Field& field, Api& api) {
  if (!field.present()) return;
  api.http = api.https = false;
  for (const Field& item : field.items()) {
    const std::string name = lower(item.text(""));
    if (name == "http") {
      api.http = true;
    } else if (name == "https") {
      api.https = true;
    } else {
      item.refuse(fmt::format("is {}; it must be http or https", shown(name)));
    }
  }
  if (field.is_array() && field.value().empty()) {
    field.refuse("is an empty list: nothing could call the API; write [http, https]");
  }
}

void warn_of_schemes(const Field& field, const Security& security) {
  const auto warn = [&](bool has, const char* scheme, const char* what) {
    if (has) {
      field.warn(fmt::format(
          "{} is kept, but the gateway does not check {} yet: calls that need it answer 401",
          scheme, what));
    }
  };
  warn(security.oauth2, "oauth2", "OAuth2 tokens");
  warn(security.basic, "basic_auth", "user names and passwords");
  warn(security.mutual_tls, "mutualssl", "client certificates");
}

Security read_security(const Field& field) {
  const std::vector<std::string> schemes = field.texts({});
  for (size_t i = 0; i < schemes.size(); ++i) {
    if (!contains(kSchemes, schemes[i])) {
      field.refuse(fmt::format("has the unknown scheme {}; it must be {}", shown(schemes[i]),
                               one_of(kSchemes)));
    }
  }
  Security security;
  security.oauth2 = contains(schemes, "oauth2");
  security.api_key = contains(schemes, "api_key");
  security.basic = contains(schemes, "basic_auth");
  security.mutual_tls = contains(schemes, "mutualssl");
  security.application_mandatory = contains(schemes, "oauth_basic_auth_api_key_mandatory");
  security.mutual_tls_mandatory = contains(schemes, "mutualssl_mandatory");
  if (security.mutual_tls_mandatory && !security.mutual_tls) {
    field.refuse("has mutualssl_mandatory without mutualssl");
  }
  if (!security.oauth2 && !security.api_key && !security.basic) {
    if (!security.mutual_tls) {
      security.oauth2 = true;
    } else if (security.application_mandatory) {
      field.refuse("has oauth_basic_auth_api_key_mandatory without oauth2, api_key or basic_auth");
    }
  }
  const bool has_application = security.oauth2 || security.api_key || security.basic;
  if (!security.mutual_tls && !security.application_mandatory)
    security.application_mandatory = true;
  if (!has_application && !security.mutual_tls_mandatory) security.mutual_tls_mandatory = true;
  warn_of_schemes(field, security);
  return security;
}

Limit read_tps(const Field& count, const Field& unit) {
  Limit limit;
  const uint64_t number = count.number(0, 0, kTpsMax);
  const std::string name = upper(unit.text("SECOND"));
  if (name != "SECOND" && name != "MINUTE" && name != "HOUR") {
    unit.refuse(fmt::format("is {}; it must be SECOND, MINUTE or HOUR", shown(name)));
  }
  if (number == 0) return limit;
  limit.count = number;
  limit.unit = name == "HOUR"     ? TimeUnit::Hour
               : name == "MINUTE" ? TimeUnit::Minute
                                  : TimeUnit::Second;
  return limit;
}

std::optional<Cors> read_cors(const Field& field) {
  if (!field.present()) return std::nullopt;
  if (!field.is_object()) {
    field.refuse("must be an object");
    return std::nullopt;
  }
  Cors cors;
  cors.origins = field["accessControlAllowOrigins"].texts({"*"}, kNameBounds);
  cors.methods = field["accessControlAllowMethods"].texts(kCorsMethods, kNameBounds);
  cors.headers = field["accessControlAllowHeaders"].texts(kCorsHeaders, kNameBounds);
  cors.credentials = field["accessControlAllowCredentials"].flag(false);
  for (const std::string& method : cors.methods) {
    if (!parse_verb(method)) {
      field["accessControlAllowMethods"].refuse(
          fmt::format("has {}, which is not an HTTP method", shown(method)));
    }
  }
  if (!field["corsConfigurationEnabled"].flag(false)) return std::nullopt;
  return cors;
}

std::vector<Scope> read_scopes(const Field& list) {
  std::vector<Scope> result;
  std::set<std::string> names;
  for (const Field& item : list.items()) {
    const Field inner = item["scope"];
    if (!inner.is_object()) {
      inner.refuse("is missing: a scope is written as { scope: { name: ... }, shared: false }");
      continue;
    }
    Scope scope;
    if (!inner["name"].present()) inner["name"].refuse("is missing");
    scope.name = inner["name"].text("", kNameBounds);
    scope.display_name = inner["displayName"].text("");
    scope.description = inner["description"].text("", {.many_lines = true});
    scope.roles = inner["bindings"].texts({}, kNameBounds);
    scope.shared = item["shared"].flag(false);
    if (scope.name.find(' ') != std::string::npos)
      inner["name"].refuse(fmt::format("{} has a space", shown(scope.name)));
    if (!scope.name.empty() && !names.insert(scope.name).second) {
      inner["name"].refuse(fmt::format("{} is defined twice", shown(scope.name)));
    }
    result.push_back(std::move(scope));
  }
  return result;
}

void read_access(const Field& data, Api& api) {
  read_transport(data["transport"], api);
  api.policies = data["policies"].texts({"Unlimited"}, kNameBounds);
  api.throttling_policy = data["apiThrottlingPolicy"].text("", {.bytes_max = 255});
  api.authorization_header = read_header_name(data["authorizationHeader"], "Authorization");
  api.api_key_header = read_header_name(data["apiKeyHeader"], "ApiKey");
  api.security = read_security(data["securityScheme"]);
  const Field tps = data["maxTps"];
  if (tps.present() && !tps.is_object()) {
    tps.refuse("must be an object with production and sandbox");
  } else {
    api.production_max_tps = read_tps(tps["production"], tps["productionTimeUnit"]);
    api.sandbox_max_tps = read_tps(tps["sandbox"], tps["sandboxTimeUnit"]);
  }
  api.cors = read_cors(data["corsConfiguration"]);
  api.scopes = read_scopes(data["scopes"]);
}

// ---- what is called

void check_scopes(const Field& operations, const Api& api) {
  std::set<std::string> defined;
  for (const Scope& scope : api.scopes) defined.insert(scope.name);
  const std::vector<Field> fields =
      operations.is_array() ? operations.items() : std::vector<Field>{};
  bool any = false;
  for (size_t i = 0; i < api.operations.size(); ++i) {
    for (const std::string& name : api.operations[i].scopes) {
      any = true;
      if (!defined.contains(name)) {
        fields[i]["scopes"].refuse(
            fmt::format("names the scope {}, which `scopes` does not define", shown(name)));
      }
    }
  }
  if (any) {
    operations.warn(
        "have scopes, which are kept; they restrict OAuth2 tokens only, and the gateway does not "
        "accept those yet");
  }
}

void read_backend(const Field& data, Api& api) {
  api.policies_of_api = read_flows(data["apiPolicies"]);
  api.advertise_only = data["advertiseInfo"]["advertised"].flag(false);
  if (api.type != "HTTP")
    return;  // their operations and endpoints mean something else; kept as they are
  api.operations = read_operations(data["operations"]);
  check_scopes(data["operations"], api);
  EndpointGroups groups = read_endpoints(data["endpointConfig"]);
  api.production = std::move(groups.production);
  api.sandbox = std::move(groups.sandbox);
}

Api read_fields(const Field& data) {
  Api api;
  if (!data.is_object()) {
    data.refuse("must be an object: name, version, context, ...");
    return api;
  }
  read_identity(data, api);
  read_access(data, api);
  read_backend(data, api);
  check_kept_fields(data);
  return api;
}

// ---- writing

Json write_scopes(const std::vector<Scope>& scopes) {
  Json result = Json::array();
  for (const Scope& scope : scopes) {
    result.push_back({{"scope",
                       {{"name", scope.name},
                        {"displayName", scope.display_name},
                        {"description", scope.description},
                        {"bindings", scope.roles}}},
                      {"shared", scope.shared}});
  }
  return result;
}

Json write_security(const Security& security) {
  Json result = Json::array();
  const std::array<bool, 6> has = {security.oauth2,
                                   security.api_key,
                                   security.basic,
                                   security.mutual_tls,
                                   security.application_mandatory,
                                   security.mutual_tls_mandatory};
  for (size_t i = 0; i < has.size(); ++i) {
    if (has[i]) result.push_back(kSchemes[i]);
  }
  return result;
}

const char* time_unit_text(TimeUnit unit) {
  return unit == TimeUnit::Hour ? "HOUR" : unit == TimeUnit::Minute ? "MINUTE" : "SECOND";
}

Json write_tps(const Api& api, const Json& before) {
  Json result = before.is_object() ? before : Json::object();
  const auto write = [&](const std::string& kind, const Limit& limit) {
    result.erase(kind);
    result.erase(kind + "TimeUnit");
    if (limit.is_unlimited()) return;
    result[kind] = limit.count;
    result[kind + "TimeUnit"] = time_unit_text(limit.unit);
  };
  write("production", api.production_max_tps);
  write("sandbox", api.sandbox_max_tps);
  return result.empty() ? Json(nullptr) : result;
}

Json write_cors(const std::optional<Cors>& cors) {
  if (!cors) return {{"corsConfigurationEnabled", false}};
  return {{"corsConfigurationEnabled", true},
          {"accessControlAllowOrigins", cors->origins},
          {"accessControlAllowCredentials", cors->credentials},
          {"accessControlAllowHeaders", cors->headers},
          {"accessControlAllowMethods", cors->methods}};
}

Json write_transport(const Api& api) {
  Json result = Json::array();
  if (api.http) result.push_back("http");
  if (api.https) result.push_back("https");
  return result;
}

std::string write_context(const std::string& context_template) {
  const std::string tail = "/" + std::string(kVersionVariable);
  const std::string front = context_template.substr(
      0, context_template.size() - std::min(tail.size(), context_template.size()));
  const bool plain = context_template.ends_with(tail) && !front.empty() &&
                     front.find(kVersionVariable) == std::string::npos;
  return plain ? front : context_template;
}

// Puts a typed field on top of the document, unless the document says the same in its own words.
class Overlay {
 public:
  Overlay(Json& document, const Api& before, const Api& api)
      : document_(&document), before_(&before), api_(&api) {}

  template <class Member, class Write>
  void put(const char* key, Member Api::*member, Write write) {
    if (document_->contains(key) && before_->*member == api_->*member) return;
    (*document_)[key] = write(api_->*member);
  }
  template <class Member>
  void put(const char* key, Member Api::*member) {
    put(key, member, [](const Member& value) { return Json(value); });
  }

 private:
  Json* document_;
  const Api* before_;
  const Api* api_;
};

void put_simple_fields(Overlay overlay) {
  overlay.put("name", &Api::name);
  overlay.put("version", &Api::version);
  overlay.put("context", &Api::context_template, write_context);
  overlay.put("provider", &Api::provider);
  overlay.put("description", &Api::description);
  overlay.put("type", &Api::type);
  overlay.put("lifeCycleStatus", &Api::lifecycle, [](Lifecycle state) { return to_text(state); });
  overlay.put("isDefaultVersion", &Api::is_default_version);
  overlay.put("tags", &Api::tags);
  overlay.put("policies", &Api::policies);
  overlay.put("apiThrottlingPolicy", &Api::throttling_policy,
              [](const std::string& name) { return name.empty() ? Json(nullptr) : Json(name); });
  overlay.put("authorizationHeader", &Api::authorization_header);
  overlay.put("apiKeyHeader", &Api::api_key_header);
  overlay.put("securityScheme", &Api::security, write_security);
  overlay.put("corsConfiguration", &Api::cors, write_cors);
  overlay.put("scopes", &Api::scopes, write_scopes);
  overlay.put("apiPolicies", &Api::policies_of_api, write_flows);
}

void put_grouped_fields(Json& document, const Api& before, const Api& api) {
  if (!document.contains("transport") || before.http != api.http || before.https != api.https) {
    document["transport"] = write_transport(api);
  }
  if (before.production_max_tps != api.production_max_tps ||
      before.sandbox_max_tps != api.sandbox_max_tps) {
    document["maxTps"] = write_tps(api, document.value("maxTps", Json()));
  }
  if (before.advertise_only != api.advertise_only) {
    Json& info = document["advertiseInfo"];
    if (!info.is_object()) info = Json::object();
    info["advertised"] = api.advertise_only;
  }
  if (!document.contains("operations") || before.operations != api.operations) {
    document["operations"] = write_operations(api.operations, document.value("operations", Json()));
  }
  if (!document.contains("endpointConfig") || before.production != api.production ||
      before.sandbox != api.sandbox) {
    document["endpointConfig"] =
        write_endpoints({api.production, api.sandbox}, document.value("endpointConfig", Json()));
  }
}

std::string time_text(int64_t time_ms) {
  const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

// What the store assigns; a document cannot say it.
void put_stored_fields(Json& document, const Api& api) {
  for (const char* const key : {"id", "createdTime", "lastUpdatedTimestamp", "lastUpdatedTime"})
    document.erase(key);
  if (!api.uuid.empty()) document["id"] = api.uuid;
  if (api.created_ms != 0) document["createdTime"] = std::to_string(api.created_ms);
  if (api.updated_ms != 0) {
    document["lastUpdatedTimestamp"] = std::to_string(api.updated_ms);
    document["lastUpdatedTime"] = time_text(api.updated_ms);
  }
}

}  // namespace

Result<ReadApi> read_api(const Json& data, const Locator* locator) {
  if (nests_deeper_than(data, kDepthMax)) {
    return refuse(bad_request(kInvalidApi, "The API is not valid",
                              fmt::format("it nests deeper than {} levels", kDepthMax)));
  }
  FieldReport report(locator, locator == nullptr ? "" : "data");
  ReadApi result{read_fields(Field(data, report)), {}};
  if (!report.findings.empty()) {
    return refuse(invalid(kInvalidApi, "The API is not valid", std::move(report.findings)));
  }
  result.api.document = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  result.warnings = std::move(report.warnings);
  return result;
}

Json write_api(const Api& api) {
  Json document = Json::parse(api.document, nullptr, false);
  if (!document.is_object()) document = Json::object();
  FieldReport ignored(nullptr);
  const Api before = read_fields(Field(document, ignored));
  put_simple_fields(Overlay(document, before, api));
  put_grouped_fields(document, before, api);
  put_stored_fields(document, api);
  return document;
}

std::string expand_context(const std::string& context, const std::string& version) {
  std::string result = with_slash(context);
  const size_t at = result.find(kVersionVariable);
  if (at != std::string::npos) return result.replace(at, kVersionVariable.size(), version);
  while (result.ends_with('/')) result.pop_back();
  return result + "/" + version;
}

std::string to_text(Lifecycle lifecycle) {
  const auto found = std::find_if(kLifecycles.begin(), kLifecycles.end(),
                                  [&](const auto& entry) { return entry.first == lifecycle; });
  assert(found != kLifecycles.end());
  return found->second;
}

std::string to_text(Verb verb) {
  const auto found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                  [&](const auto& entry) { return entry.first == verb; });
  assert(found != kVerbs.end());
  return found->second;
}

std::string to_text(AuthType auth) {
  switch (auth) {
    case AuthType::Any: return "Application & Application User";
    case AuthType::Application: return "Application";
    case AuthType::ApplicationUser: return "Application User";
    case AuthType::None: return "None";
  }
  assert(false);
  return "";
}

std::optional<Lifecycle> parse_lifecycle(const std::string& text) {
  const std::string wanted = upper(text);
  for (const auto& [state, name] : kLifecycles) {
    if (wanted == name) return state;
  }
  return std::nullopt;
}

std::optional<Verb> parse_verb(const std::string& text) {
  const std::string wanted = upper(text);
  for (const auto& [verb, name] : kVerbs) {
    if (wanted == name) return verb;
  }
  return std::nullopt;
}

}  // namespace apim::model
