// What reading and writing an API document promise; the round trip as a property.

#include "model/api_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace apim::model {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

Json minimal() { return {{"name", "Tea"}, {"context", "/tea"}, {"version", "1.0.0"}}; }

Json with(const std::string& key, Json value) {
  Json document = minimal();
  document[key] = std::move(value);
  return document;
}

Api read(const Json& document) {
  const auto result = read_api(document, nullptr);
  EXPECT_TRUE(result.has_value()) << result.error().description;
  return result.has_value() ? result->api : Api{};
}

std::vector<std::string> warned(const Json& document) {
  std::vector<std::string> fields;
  const auto result = read_api(document, nullptr);
  EXPECT_TRUE(result.has_value());
  for (const Warning& warning : result->warnings) fields.push_back(warning.field);
  return fields;
}

std::string refused(const Json& document) {
  const auto result = read_api(document, nullptr);
  EXPECT_FALSE(result.has_value());
  return result.has_value() ? "" : result.error().description;
}

// Everything that is typed; the document itself may be worded differently.
void expect_same(const Api& a, const Api& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.context, b.context);
  EXPECT_EQ(a.context_template, b.context_template);
  EXPECT_EQ(a.provider, b.provider);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.lifecycle, b.lifecycle);
  EXPECT_EQ(a.is_default_version, b.is_default_version);
  EXPECT_EQ(a.http, b.http);
  EXPECT_EQ(a.https, b.https);
  EXPECT_EQ(a.tags, b.tags);
  EXPECT_EQ(a.policies, b.policies);
  EXPECT_EQ(a.throttling_policy, b.throttling_policy);
  EXPECT_EQ(a.authorization_header, b.authorization_header);
  EXPECT_EQ(a.api_key_header, b.api_key_header);
  EXPECT_EQ(a.security, b.security);
  EXPECT_EQ(a.production_max_tps, b.production_max_tps);
  EXPECT_EQ(a.sandbox_max_tps, b.sandbox_max_tps);
  EXPECT_EQ(a.cors, b.cors);
  EXPECT_EQ(a.scopes, b.scopes);
  EXPECT_EQ(a.operations, b.operations);
  EXPECT_EQ(a.policies_of_api, b.policies_of_api);
  EXPECT_EQ(a.production, b.production);
  EXPECT_EQ(a.sandbox, b.sandbox);
  EXPECT_EQ(a.advertise_only, b.advertise_only);
}

class RandomApi {
 public:
  explicit RandomApi(uint32_t seed) : random_(seed) {}

  Api make() {
    Api api;
    api.name = text("Api");
    api.version = text("1.");
    api.context_template =
        below(2) == 0 ? "/" + text("c") + "/{version}" : "/" + text("c") + "/{version}/x";
    api.context = expand_context(api.context_template, api.version);
    api.provider = text("user");
    api.description = "line one\nline \"two\" " + text("");
    api.lifecycle = static_cast<Lifecycle>(below(6));
    api.is_default_version = flip();
    api.http = flip();
    api.https = !api.http || flip();
    api.tags = texts("tag");
    api.policies = texts("plan");
    api.throttling_policy = flip() ? text("limit") : "";
    api.authorization_header = text("X-Auth");
    api.api_key_header = text("X-Key");
    api.security = security();
    api.production_max_tps = tps();
    api.sandbox_max_tps = tps();
    if (flip()) api.cors = Cors{texts("https://o"), {"GET", "PUT"}, texts("H"), flip()};
    for (uint32_t i = below(3); i > 0; --i)
      api.scopes.push_back({"s" + std::to_string(i), text("d"), text("e"), texts("r"), flip()});
    for (uint32_t i = below(6); i > 0; --i) api.operations.push_back(operation(i, api.scopes));
    api.policies_of_api = flows();
    const auto balance = static_cast<Balance>(below(3));
    if (flip()) api.production = group(balance);
    if (flip()) api.sandbox = group(balance);
    api.advertise_only = flip();
    return api;
  }

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool flip() { return below(2) == 0; }
  std::string text(const std::string& start) { return start + std::to_string(below(1000)); }
  std::vector<std::string> texts(const std::string& start) {
    std::vector<std::string> result;
    for (uint32_t i = below(3); i > 0; --i) result.push_back(start + std::to_string(i));
    return result;
  }
  Security security() {
    Security security{.oauth2 = flip(), .api_key = flip(), .basic = flip(), .mutual_tls = flip()};
    const bool has_application = security.oauth2 || security.api_key || security.basic;
    if (!has_application && !security.mutual_tls) security.oauth2 = true;
    const bool application = security.oauth2 || security.api_key || security.basic;
    security.application_mandatory = application && (!security.mutual_tls || flip());
    security.mutual_tls_mandatory = security.mutual_tls && (!application || flip());
    return security;
  }
  Limit tps() {
    if (flip()) return {};
    return {.count = 1 + below(5000), .unit = static_cast<TimeUnit>(below(3))};
  }
  std::vector<OperationPolicy> flow() {
    std::vector<OperationPolicy> result;
    for (uint32_t i = below(3); i > 0; --i) {
      result.push_back({text("policy"), "v" + std::to_string(i), flip() ? "common" : "api", {}});
      if (flip())
        result.back().parameters = {{"headerName", text("X")}, {"headerValue", "a: \"b\""}};
    }
    return result;
  }
  PolicyFlows flows() { return {flow(), flow(), flow()}; }
  Operation operation(uint32_t number, const std::vector<Scope>& scopes) {
    Operation operation;
    operation.target = "/path" + std::to_string(number) + (flip() ? "/{id}" : "/*");
    operation.verb = static_cast<Verb>(below(8));
    operation.auth = static_cast<AuthType>(below(4));
    operation.throttling_policy = flip() ? "Unlimited" : text("limit");
    if (!scopes.empty() && flip()) operation.scopes = {scopes[0].name};
    operation.policies = flows();
    return operation;
  }
  EndpointGroup group(Balance balance) {
    EndpointGroup group{.balance = balance, .endpoints = {}};
    const uint32_t count = balance == Balance::Single ? 1 : 1 + below(4);
    for (uint32_t i = 0; i < count; ++i) {
      Endpoint endpoint{.url = text("https://backend") + ".example:8443/" + text("v"),
                        .tuning = {}};
      if (flip()) {
        endpoint.tuning = {.timeout_ms = below(60'000),
                           .suspend_ms = below(60'000),
                           .suspend_max_ms = below(60'000),
                           .suspend_factor = 0.5 + below(4),
                           .suspend_codes = {101503, 101504},
                           .retry_codes = {101505},
                           .retry_count = static_cast<uint16_t>(below(10)),
                           .retry_delay_ms = below(1000)};
      }
      group.endpoints.push_back(std::move(endpoint));
    }
    return group;
  }

  std::minstd_rand random_;
};

TEST(ApiCodec, WhatIsWrittenIsReadAgain) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    const Api api = RandomApi(seed).make();
    expect_same(read(write_api(api)), api);
  }
}

TEST(ApiCodec, ATypedFieldWinsOverTheDocument) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    Api api = RandomApi(seed).make();
    api.document = write_api(RandomApi(seed + 1000).make()).dump();
    expect_same(read(write_api(api)), api);
  }
}

TEST(ApiCodec, ADocumentThatSaysTheSameKeepsItsWords) {
  Json document = minimal();
  document["maxTps"] = {{"production", "100"}, {"productionTimeUnit", "second"}};
  document["operations"] = {{{"target", "/a"}, {"verb", "get"}, {"uriMapping", "/b"}, {"x", 1}}};
  document["endpointConfig"] = {
      {"endpoint_type", "http"},
      {"production_endpoints", {{"url", "http://a"}, {"config", {{"actionDuration", "30000.0"}}}}},
      {"endpoint_security", {{"production", {{"enabled", false}}}}}};
  document["somethingNew"] = {{"deep", {1, 2, 3}}};
  const Json written = write_api(read(document));
  for (const auto& [key, value] : document.items()) EXPECT_EQ(written[key], value) << key;
}

TEST(ApiCodec, WritesWhatTheStoreKnowsAndDropsWhatItDoesNot) {
  Json document = with("id", "from-elsewhere");
  document["lastUpdatedTime"] = "2020-01-01";
  Api api = read(document);
  EXPECT_FALSE(write_api(api).contains("id"));
  EXPECT_FALSE(write_api(api).contains("lastUpdatedTime"));
  api.uuid = "u-1";
  api.created_ms = 1'700'000'000'000;
  EXPECT_EQ(write_api(api)["id"], "u-1");
  EXPECT_EQ(write_api(api)["createdTime"], "1700000000000");
}

TEST(ApiCodec, DefaultsAreWso2s) {
  const Api api = read(minimal());
  EXPECT_EQ(api.context, "/tea/1.0.0");
  EXPECT_EQ(api.context_template, "/tea/{version}");
  EXPECT_EQ(api.lifecycle, Lifecycle::Created);
  EXPECT_TRUE(api.http && api.https);
  EXPECT_THAT(api.policies, ElementsAre("Unlimited"));
  EXPECT_EQ(api.api_key_header, "ApiKey");
  EXPECT_TRUE(api.security.oauth2 && api.security.application_mandatory);
  EXPECT_FALSE(api.security.api_key || api.security.mutual_tls_mandatory);
  EXPECT_FALSE(api.cors.has_value());
}

TEST(ApiCodec, SecuritySchemesResolveAsWso2ResolvesThem) {
  const auto resolved = [](const Json& schemes) {
    return read(with("securityScheme", schemes)).security;
  };
  EXPECT_EQ(resolved(nullptr), Security{});
  EXPECT_EQ(resolved(Json::array()), Security{});
  EXPECT_EQ(resolved({"oauth_basic_auth_api_key_mandatory"}), Security{});
  const Security key = resolved({"api_key"});
  EXPECT_TRUE(key.api_key && key.application_mandatory);
  EXPECT_FALSE(key.oauth2);
  const Security mutual = resolved({"mutualssl"});
  EXPECT_TRUE(mutual.mutual_tls_mandatory);
  EXPECT_FALSE(mutual.application_mandatory || mutual.oauth2);
  const Security either = resolved({"mutualssl", "oauth2"});
  EXPECT_FALSE(either.mutual_tls_mandatory || either.application_mandatory);
  EXPECT_THAT(refused(with("securityScheme", {"api_key", "mutualssl_mandatory"})),
              HasSubstr("without mutualssl"));
}

TEST(ApiCodec, ContextsAndVersions) {
  EXPECT_EQ(expand_context("/pizza", "1.0.0"), "/pizza/1.0.0");
  EXPECT_EQ(expand_context("pizza", "1.0.0"), "/pizza/1.0.0");
  EXPECT_EQ(expand_context("/a/{version}/b", "1.0.0"), "/a/1.0.0/b");
  EXPECT_EQ(read(with("context", "tea")).context, "/tea/1.0.0");
  EXPECT_EQ(read(with("context", "/t/tea.org/tea/v{version}")).context, "/t/tea.org/tea/v1.0.0");
  EXPECT_EQ(read(with("version", "1.0 beta")).version, "1.0beta");
  EXPECT_THAT(warned(with("context", "/tea/1.0.0")), testing::Contains("context"));
  for (const char* const bad :
       {"/", "/tea/", "//tea", "/tea/{version}/{version}", "/{id}", "/te%61", "/té"}) {
    EXPECT_THAT(refused(with("context", bad)), HasSubstr("context")) << bad;
  }
}

TEST(ApiCodec, WarnsOfWhatIsNotEnforcedAndOfNothingElse) {
  EXPECT_THAT(warned(with("securityScheme", {"api_key"})), ElementsAre());
  Json document = with("securityScheme", {"api_key", "oauth2"});
  document["enableSchemaValidation"] = true;
  document["responseCachingEnabled"] = true;
  document["audiences"] = {"mobile"};
  document["keyManagers"] = {"Okta"};
  document["visibility"] = "RESTRICTED";
  document["monetization"] = {{"enabled", true}};
  document["endpointConfig"] = {
      {"endpoint_type", "http"},
      {"production_endpoints", {{"url", "http://a"}}},
      {"endpoint_security", {{"production", {{"enabled", true}, {"type", "BASIC"}}}}}};
  EXPECT_THAT(warned(document),
              testing::UnorderedElementsAre("securityScheme", "enableSchemaValidation",
                                            "responseCachingEnabled", "audiences", "keyManagers",
                                            "visibility", "monetization.enabled",
                                            "endpointConfig.endpoint_security.production"));
}

TEST(ApiCodec, OtherTypesAreKeptWithoutBeingUnderstood) {
  Json document = with("type", "WS");
  document["operations"] = {{{"target", "topic"}, {"verb", "SUBSCRIBE"}}};
  document["endpointConfig"] = {{"endpoint_type", "ws"},
                                {"production_endpoints", {{"url", "ws://a"}}}};
  const Api api = read(document);
  EXPECT_EQ(api.type, "WS");
  EXPECT_TRUE(api.operations.empty());
  EXPECT_EQ(write_api(api)["operations"], document["operations"]);
  EXPECT_EQ(write_api(api)["endpointConfig"], document["endpointConfig"]);
  EXPECT_THAT(warned(document), testing::Contains("type"));
}

TEST(ApiCodec, FindsEverythingThatIsWrongAtOnce) {
  Json document = {
      {"context", 7}, {"transport", {"ftp"}}, {"isDefaultVersion", "maybe"}, {"tags", "one"}};
  const auto result = read_api(document, nullptr);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().http_status, 400);
  std::vector<std::string> places;
  for (const Finding& finding : result.error().findings) places.push_back(finding.where);
  EXPECT_THAT(places, testing::UnorderedElementsAre("name", "version", "transport[0]",
                                                    "isDefaultVersion", "tags"));
}

TEST(ApiCodec, PlacesComeFromTheLocator) {
  class Fixed : public Locator {
    std::string locate(const std::string& pointer) const override { return "f:" + pointer + ": "; }
  };
  const Fixed locator;
  const auto result = read_api(with("transport", {"ftp"}), &locator);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().findings[0].where, "f:/transport/0: data.transport[0]");
}

TEST(ApiCodec, DepthIsBoundedWhateverTheDocument) {
  Json deep = Json::array();
  for (int i = 0; i < 100'000; ++i) deep = Json::array({std::move(deep)});
  EXPECT_THAT(refused(with("additionalProperties", std::move(deep))),
              HasSubstr("nests deeper than 64"));
  EXPECT_THAT(refused(Json::array()), HasSubstr("must be an object"));
}

TEST(ApiCodec, TextForms) {
  for (const char* const text :
       {"CREATED", "PROTOTYPED", "PUBLISHED", "BLOCKED", "DEPRECATED", "RETIRED"}) {
    EXPECT_EQ(to_text(parse_lifecycle(text).value()), text);
  }
  for (const char* const text :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
    EXPECT_EQ(to_text(parse_verb(text).value()), text);
  }
  EXPECT_FALSE(parse_verb("BREW").has_value());
  EXPECT_FALSE(parse_lifecycle("").has_value());
  EXPECT_EQ(to_text(AuthType::Any), "Application & Application User");
}

}  // namespace
}  // namespace apim::model
