#include "compile/apis.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compile/text.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Findings = std::vector<Finding>;

// The .fbs enums were made to have the model's values; a cast is a translation only while this
// holds.
static_assert(static_cast<int>(fbs::Lifecycle::Retired) ==
              static_cast<int>(model::Lifecycle::Retired));
static_assert(static_cast<int>(fbs::AuthType::None) == static_cast<int>(model::AuthType::None));
static_assert(static_cast<int>(fbs::Method::Trace) == static_cast<int>(model::Verb::Trace));
static_assert(static_cast<int>(fbs::Balance::Failover) ==
              static_cast<int>(model::Balance::Failover));

void check_header(const std::string& field, const std::string& name, Findings& findings) {
  static constexpr std::array<std::string_view, 6> kNever{
      "host", "connection", "transfer-encoding", "content-length", "te", "upgrade"};
  if (!is_token(name)) {
    findings.push_back({field, fmt::format("'{}' is not the name of a header", name)});
  } else if (std::ranges::find(kNever, to_lower(name)) != kNever.end()) {
    findings.push_back({field, fmt::format("'{}' cannot carry a credential", name)});
  }
}

void check_backend_limit(const std::string& field, const model::Limit& limit, Findings& findings) {
  if (std::string why = why_not_limit(limit); !why.empty()) findings.push_back({field, why});
}

void check_cors(const model::Cors& cors, Findings& findings) {
  const auto is_plain = [](const std::string& text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
  };
  for (const auto* list : {&cors.origins, &cors.methods, &cors.headers}) {
    for (const std::string& text : *list) {
      if (is_plain(text)) continue;
      findings.push_back(
          {"corsConfiguration", fmt::format("'{}' is empty or has blanks or control bytes", text)});
    }
  }
}

void check_whole(const model::Api& api, Findings& findings) {
  if (api.id == 0) findings.push_back({"id", "the API is not stored yet"});
  if (api.type != "HTTP") {
    findings.push_back({"type", fmt::format("'{}' APIs are not served yet; only HTTP", api.type)});
  }
  if (api.advertise_only) {
    findings.push_back({"advertiseInfo", "the API is advertised only; such APIs are not deployed"});
  }
  if (api.lifecycle == model::Lifecycle::Retired) {
    findings.push_back({"lifeCycleStatus", "the API is retired"});
  }
  if (!api.http && !api.https) findings.push_back({"transport", "names neither http nor https"});
  if (api.operations.empty()) findings.push_back({"operations", "there are none"});
  if (!api.production.has_value() && !api.sandbox.has_value()) {
    findings.push_back(
        {"endpointConfig", "has neither production nor sandbox endpoints; name at least one"});
  }
  if (api.cors.has_value()) check_cors(*api.cors, findings);
  check_header("authorizationHeader", api.authorization_header, findings);
  check_header("apiKeyHeader", api.api_key_header, findings);
  check_backend_limit("maxTps.production", api.production_max_tps, findings);
  check_backend_limit("maxTps.sandbox", api.sandbox_max_tps, findings);
}

uint32_t lower_tier(const model::Api& api, const std::string& policy, const std::string& where,
                    const PolicyIndex& policies, Findings& findings) {
  const auto id = policies.find({api.tenant, model::PolicyLevel::Advanced, policy});
  if (id.has_value()) return *id;
  findings.push_back({where, id.error()});
  return 0;
}

LoweredGroup lower_optional(const std::optional<model::EndpointGroup>& group,
                            const std::string& where, const Options& options, Findings& findings) {
  if (!group.has_value()) return {};
  return {.source = &*group, .backends = lower_group(*group, where, options, findings)};
}

// ------------------------------------------------------------------ writing

using Steps = flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fbs::PolicyStep>>>;

// An absent vector for an empty plan: most operations have none.
Steps write_steps(Builder& builder, const std::vector<Step>& steps) {
  if (steps.empty()) return 0;
  std::vector<flatbuffers::Offset<fbs::PolicyStep>> written;
  for (const Step& step : steps) {
    const auto name = step.name.empty() ? 0 : builder.CreateSharedString(step.name);
    const auto value = builder.CreateSharedString(step.value);
    written.push_back(
        fbs::CreatePolicyStep(builder, step.kind, name, value, step.method, step.keep_query));
  }
  return builder.CreateVector(written);
}

flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> write_strings(
    Builder& builder, const std::vector<std::string>& texts) {
  std::vector<flatbuffers::Offset<flatbuffers::String>> written;
  for (const std::string& text : texts) written.push_back(builder.CreateSharedString(text));
  return builder.CreateVector(written);
}

flatbuffers::Offset<fbs::Operation> write_operation(Builder& builder, const LoweredApi& lowered,
                                                    size_t index) {
  const model::Operation& operation = lowered.source->api.operations[index];
  const Plan& plan = lowered.plans[index];
  const auto target = builder.CreateSharedString(lowered.paths.targets[index]);
  decltype(write_strings(builder, operation.scopes)) scopes = 0;
  if (!operation.scopes.empty()) scopes = write_strings(builder, operation.scopes);
  const Steps request = write_steps(builder, plan.request);
  const Steps response = write_steps(builder, plan.response);
  const Steps fault = write_steps(builder, plan.fault);
  return fbs::CreateOperation(builder, static_cast<fbs::Method>(operation.verb),
                              static_cast<fbs::AuthType>(operation.auth), lowered.tiers[index],
                              target, scopes, request, response, fault);
}

flatbuffers::Offset<fbs::Matcher> write_matcher(Builder& builder, const Matcher& matcher) {
  const auto index = builder.CreateVector(matcher.exact_index);
  const auto exact = builder.CreateVectorOfStructs(matcher.exact);
  const auto segments = builder.CreateVectorOfStructs(matcher.segments);
  const auto templates = builder.CreateVectorOfStructs(matcher.templates);
  const auto wildcards = builder.CreateVectorOfStructs(matcher.wildcards);
  const auto texts = builder.CreateVector(reinterpret_cast<const uint8_t*>(matcher.texts.data()),
                                          matcher.texts.size());
  return fbs::CreateMatcher(builder, index, exact, segments, templates, wildcards, texts);
}

flatbuffers::Offset<fbs::Endpoint> write_endpoint(Builder& builder, const Backend& backend,
                                                  const model::EndpointTuning& tuning) {
  const auto host = builder.CreateSharedString(backend.host);
  const auto authority = builder.CreateSharedString(backend.authority);
  const auto path = builder.CreateSharedString(backend.path);
  const auto codes = [&](const std::vector<uint32_t>& list) {
    return list.empty() ? 0 : builder.CreateVector(list);
  };
  const flatbuffers::Offset<flatbuffers::Vector<uint32_t>> suspend = codes(tuning.suspend_codes);
  const flatbuffers::Offset<flatbuffers::Vector<uint32_t>> retry = codes(tuning.retry_codes);
  return fbs::CreateEndpoint(builder, backend.key, backend.tls, host, backend.port, authority, path,
                             tuning.timeout_ms, tuning.suspend_ms, tuning.suspend_max_ms,
                             static_cast<float>(tuning.suspend_factor), suspend, retry,
                             tuning.retry_count, tuning.retry_delay_ms);
}

flatbuffers::Offset<fbs::EndpointGroup> write_group(Builder& builder, const LoweredGroup& group) {
  if (group.source == nullptr) return 0;
  std::vector<flatbuffers::Offset<fbs::Endpoint>> written;
  for (size_t i = 0; i < group.backends.size(); ++i) {
    written.push_back(
        write_endpoint(builder, group.backends[i], group.source->endpoints[i].tuning));
  }
  return fbs::CreateEndpointGroup(builder, static_cast<fbs::Balance>(group.source->balance),
                                  builder.CreateVector(written));
}

// Browsers must be allowed to send the API's own credentials.
std::vector<std::string> cors_headers(const model::Api& api) {
  std::vector<std::string> headers = api.cors->headers;
  for (const std::string& own : {api.authorization_header, api.api_key_header}) {
    const bool is_there = std::ranges::any_of(
        headers, [&](const std::string& header) { return to_lower(header) == to_lower(own); });
    if (!is_there) headers.push_back(own);
  }
  return headers;
}

flatbuffers::Offset<fbs::Cors> write_cors(Builder& builder, const model::Api& api) {
  if (!api.cors.has_value()) return 0;
  const auto origins = write_strings(builder, api.cors->origins);
  const auto methods = write_strings(builder, api.cors->methods);
  const auto headers = write_strings(builder, cors_headers(api));
  return fbs::CreateCors(builder, origins, methods, headers, api.cors->credentials);
}

fbs::Scheme schemes_of(const model::Security& security) {
  fbs::Scheme schemes = fbs::Scheme::NONE;
  if (security.oauth2) schemes |= fbs::Scheme::OAuth2;
  if (security.api_key) schemes |= fbs::Scheme::ApiKey;
  if (security.basic) schemes |= fbs::Scheme::Basic;
  if (security.mutual_tls) schemes |= fbs::Scheme::MutualTls;
  return schemes;
}

fbs::Transport transports_of(const model::Api& api) {
  fbs::Transport transports = fbs::Transport::NONE;
  if (api.http) transports |= fbs::Transport::Http;
  if (api.https) transports |= fbs::Transport::Https;
  return transports;
}

// The parts of an API that are buffers of their own and must be written before its table.
struct Parts {
  explicit Parts(Builder& builder, const model::Api& api)
      : uuid(builder.CreateString(api.uuid)),
        name(builder.CreateSharedString(api.name)),
        version(builder.CreateSharedString(api.version)),
        context(builder.CreateString(api.context)),
        provider(builder.CreateSharedString(api.provider)),
        tenant(builder.CreateSharedString(api.tenant)),
        authorization(builder.CreateSharedString(to_lower(api.authorization_header))),
        api_key(builder.CreateSharedString(to_lower(api.api_key_header))) {}

  using Text = flatbuffers::Offset<flatbuffers::String>;
  Text uuid, name, version, context, provider, tenant, authorization, api_key;
};

flatbuffers::Offset<fbs::Api> write_api(Builder& builder, const LoweredApi& lowered) {
  const model::Api& api = lowered.source->api;
  const Parts parts(builder, api);
  std::vector<flatbuffers::Offset<fbs::Operation>> operations;
  for (size_t i = 0; i < api.operations.size(); ++i) {
    operations.push_back(write_operation(builder, lowered, i));
  }
  const auto operation_list = builder.CreateVector(operations);
  const auto matcher = write_matcher(builder, lowered.paths.matcher);
  const auto production = write_group(builder, lowered.production);
  const auto sandbox = write_group(builder, lowered.sandbox);
  const auto cors = write_cors(builder, api);
  const fbs::Limit production_limit = to_fbs(api.production_max_tps);
  const fbs::Limit sandbox_limit = to_fbs(api.sandbox_max_tps);
  const bool validates_subscription = true;
  return fbs::CreateApi(
      builder, api.id, parts.uuid, parts.name, parts.version, parts.context, parts.provider,
      parts.tenant, lowered.source->revision_number, static_cast<fbs::Lifecycle>(api.lifecycle),
      transports_of(api), schemes_of(api.security), api.security.application_mandatory,
      api.security.mutual_tls_mandatory, validates_subscription, parts.authorization, parts.api_key,
      lowered.tier, &production_limit, &sandbox_limit, operation_list, matcher, production, sandbox,
      cors, layout::hash_bytes(api.context));
}

}  // namespace

std::string name_of(const model::Api& api) { return fmt::format("{} {}", api.name, api.version); }

std::expected<LoweredApi, std::vector<Finding>> lower_api(const model::DeployedApi& deployed,
                                                          const PolicyIndex& policies,
                                                          const Options& options) {
  const model::Api& api = deployed.api;
  Findings findings;
  LoweredApi lowered{.source = &deployed};
  check_whole(api, findings);
  check_api_plan(api.policies_of_api, findings);
  lowered.tier = lower_tier(api, api.throttling_policy, "apiThrottlingPolicy", policies, findings);
  for (size_t i = 0; i < api.operations.size(); ++i) {
    const model::Operation& operation = api.operations[i];
    const std::string where = where_of(operation, i);
    lowered.tiers.push_back(
        lower_tier(api, operation.throttling_policy, where, policies, findings));
    lowered.plans.push_back(lower_plan(api.policies_of_api, operation.policies, where, findings));
  }
  lowered.paths = lower_paths(api.operations, findings);
  lowered.production =
      lower_optional(api.production, "endpointConfig.production_endpoints", options, findings);
  lowered.sandbox =
      lower_optional(api.sandbox, "endpointConfig.sandbox_endpoints", options, findings);
  if (!findings.empty()) return std::unexpected(std::move(findings));
  return lowered;
}

std::string build_apis(const std::vector<LoweredApi>& apis) {
  Builder builder(64 * 1'024);
  std::vector<uint32_t> ids;
  std::vector<flatbuffers::Offset<fbs::Api>> written;
  for (const LoweredApi& lowered : apis) {
    ids.push_back(lowered.source->api.id);
    written.push_back(write_api(builder, lowered));
  }
  const auto id_list = builder.CreateVector(ids);
  const auto api_list = builder.CreateVector(written);
  fbs::FinishApisBuffer(builder, fbs::CreateApis(builder, id_list, api_list));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace apim::compile
