#include "controller/compile/support_showcase.h"

#include "controller/compile/support_catalog.h"

namespace apim::compile::support {
namespace {

using model::Verb;

// Overlapping paths, scopes, policies on both levels, a default version, two vhosts.
model::DeployedApi orders() {
  model::DeployedApi deployed = pizza(1);
  model::Api& api = deployed.api;
  api.name = "orders";
  api.context = "/orders/1.0.0";
  api.context_template = "/orders/{version}";
  api.is_default_version = true;
  api.security = {.oauth2 = true, .api_key = true};
  api.operations = {operation(Verb::Get, "/order/{id}"),
                    operation(Verb::Get, "/order/latest"),
                    operation(Verb::Get, "/order/{id}.json"),
                    operation(Verb::Post, "/order"),
                    operation(Verb::Get, "/order/{id}/*"),
                    operation(Verb::Get, "/order/*"),
                    operation(Verb::Get, "/*"),
                    operation(Verb::Get, "*.css"),
                    operation(Verb::Delete, "/order/{id}")};
  api.operations[0].scopes = {"order_read", "order_admin"};
  api.operations[1].auth = model::AuthType::None;
  api.operations[3].throttling_policy = "10KPerMin";
  api.operations[3].policies.request = {
      policy("rewriteResourcePath", "v3",
             {{"newResourcePath", "/v2/order"}, {"includeQueryParams", "False"}}),
      policy("addQueryParam", "v2", {{"paramKey", "source"}, {"paramValue", "gate way"}})};
  api.operations[3].policies.response = {
      policy("addHeader", "v3", {{"headerName", "X-From"}, {"headerValue", "operation"}})};
  api.operations[8].policies.request = {policy("changeHTTPMethod", "v1", {{"httpMethod", "POST"}})};
  api.policies_of_api.request = {
      policy("addHeader", "v1", {{"headerName", "X-Api"}, {"headerValue", "orders"}})};
  api.policies_of_api.response = {policy("removeHeader", "v2", {{"headerName", "Server"}})};
  api.production_max_tps = {.count = 100, .unit_time = 1, .unit = model::TimeUnit::Second};
  deployed.vhosts = {"localhost", "api.example.com"};
  deployed.revision_number = 3;
  return deployed;
}

// Load balancing, failover, tuning, CORS, http only, an API level policy.
model::DeployedApi stock() {
  model::DeployedApi deployed = pizza(2);
  model::Api& api = deployed.api;
  api.name = "stock";
  api.version = "2.1";
  api.context = "/shop/2.1/stock";
  api.context_template = "/shop/{version}/stock";
  api.https = false;
  api.throttling_policy = "20KPerMin";
  api.api_key_header = "X-Stock-Key";
  api.cors = model::Cors{.origins = {"https://*.example.com"},
                         .methods = {"GET"},
                         .headers = {"authorization"},
                         .credentials = true};
  model::EndpointTuning tuning;
  tuning.timeout_ms = 3'000;
  tuning.suspend_ms = 1'000;
  tuning.suspend_max_ms = 8'000;
  tuning.suspend_factor = 2;
  tuning.suspend_codes = {101503, 101504};
  tuning.retry_codes = {101500};
  tuning.retry_count = 2;
  tuning.retry_delay_ms = 50;
  api.production =
      model::EndpointGroup{.balance = model::Balance::RoundRobin,
                           .endpoints = {{.url = "https://one.example.com/stock/", .tuning = {}},
                                         {.url = "http://[2001:db8::2]:8080", .tuning = tuning}}};
  api.sandbox = model::EndpointGroup{.balance = model::Balance::Failover,
                                     .endpoints = {{.url = "http://sandbox:80", .tuning = {}},
                                                   {.url = "http://spare:81", .tuning = {}}}};
  return deployed;
}

void add_consumers(model::Catalog& catalog) {
  catalog.applications[10] = application(10);
  catalog.applications[11] = application(11);
  catalog.applications[11].throttling_policy = "50PerMin";
  catalog.applications[11].tenant = "foo.com";
  catalog.applications[12] = application(12);
  catalog.applications[12].throttling_policy = "10PerMin";
  catalog.subscriptions[10] = {subscription(10, 2), subscription(10, 1, "Silver")};
  catalog.subscriptions[12] = {subscription(12, 1, "Unlimited")};
  catalog.subscriptions[12][0].state = model::SubscriptionState::ProductionBlocked;
  catalog.keys[10] = {key(10, "plain"), key(10, "addresses"), key(10, "referers")};
  catalog.keys[10][1].permitted_ips = "10.0.0.0/8,2001:db8::1";
  catalog.keys[10][1].type = model::KeyType::Sandbox;
  catalog.keys[10][2].permitted_referers = "https://shop.example.com/*";
  catalog.keys[12] = {key(12, "expiring")};
  catalog.keys[12][0].expires_s = kNow + 3'600;
}

}  // namespace

model::Catalog showcase() {
  model::Catalog catalog = empty_catalog();
  catalog.apis[1] = orders();
  catalog.apis[2] = stock();
  catalog.apis[3] = pizza(3);
  catalog.apis[3].api.operations[0].policies.request = {policy("opaPolicy", "v1", {})};
  add_consumers(catalog);
  const uint32_t gold = policy_id(catalog, model::PolicyLevel::Subscription, "Gold");
  catalog.policies[gold].burst = {.count = 100, .unit_time = 1, .unit = model::TimeUnit::Second};
  catalog.policies[gold].stops_on_quota = false;
  const uint32_t advanced = policy_id(catalog, model::PolicyLevel::Advanced, "10KPerMin");
  catalog.policies[advanced].per_user = true;
  catalog.denies = {deny(model::DenyCondition::Kind::Api, "/orders/1.0.0"),
                    deny(model::DenyCondition::Kind::Ip, "192.0.2.7"),
                    deny(model::DenyCondition::Kind::IpRange, "192.0.2.8", "192.0.2.15")};
  return catalog;
}

}  // namespace apim::compile::support
