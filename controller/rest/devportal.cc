// Devportal: /api/am/devportal/v3 (reference 6.3).

#include <fmt/format.h>

#include "rest/api_shapes.h"
#include "rest/consumer_shapes.h"
#include "rest/dispatch.h"
#include "rest/documents.h"
#include "rest/fields.h"
#include "rest/page.h"
#include "rest/policy_shapes.h"
#include "rest/router.h"
#include "service/apis.h"
#include "service/applications.h"
#include "service/keys.h"
#include "service/policies.h"
#include "service/subscriptions.h"
#include "service/users.h"

namespace apim::rest {
namespace {

using model::Result;
using nlohmann::json;
using service::Context;
namespace may = service::permissions;
namespace applications = service::applications;
namespace subscriptions = service::subscriptions;
namespace keys = service::keys;

constexpr std::string_view kBase = "/api/am/devportal/v3";

// ---- APIs, for anybody

Result<Answer> list_apis(Context& context, const Call& call) {
  store::apis::Filter filter;
  filter.query = call.request.parameter("query");
  ASSIGN_OR_REFUSE(filter.page, read_page(call.request));
  ASSIGN_OR_REFUSE(const auto found, service::apis::list_published(context, call.caller, filter));
  json list = json::array();
  for (const model::Api& api : found.items) list.push_back(portal_api_info(api));
  return page_answer(call, filter.page, std::move(list), found.total);
}

Result<Answer> get_api(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const model::Api api,
                   service::apis::get_published(context, call.caller, call.parameters[0]));
  return json_answer(portal_api(api));
}

Result<Answer> get_definition(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const model::Api api,
                   service::apis::get_published(context, call.caller, call.parameters[0]));
  Answer answer;
  answer.body = definition_of(api);
  return answer;
}

// ---- applications

Result<Answer> list_applications(Context& context, const Call& call) {
  const Request& request = call.request;
  store::applications::Filter filter;
  filter.query = request.parameter("query");
  const std::string& by = request.parameter("sortBy");
  if (by == "createdTime") filter.order = store::applications::Order::Created;
  if (by == "throttlingPolicy") filter.order = store::applications::Order::Policy;
  filter.descending = request.parameter("sortOrder") == "desc";
  ASSIGN_OR_REFUSE(filter.page, read_page(request));
  ASSIGN_OR_REFUSE(const auto found, applications::list(context, call.caller, filter));
  json list = json::array();
  for (const auto& item : found.items) list.push_back(application_json(item));
  return page_answer(call, filter.page, std::move(list), found.total);
}

Result<Answer> create_application(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(model::Application wanted, read_application(body));
  ASSIGN_OR_REFUSE(const auto created,
                   applications::create(context, call.caller, std::move(wanted)));
  Answer answer = json_answer(application_json(created.value), 201);
  answer.headers["Location"] =
      fmt::format("{}/applications/{}", kBase, created.value.application.uuid);
  return changed_answer(std::move(answer), created.epoch);
}

Result<Answer> get_application(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto found, applications::get(context, call.caller, call.parameters[0]));
  return json_answer(application_json(found));
}

Result<Answer> update_application(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(const model::Application wanted, read_application(body));
  ASSIGN_OR_REFUSE(const auto updated,
                   applications::update(context, call.caller, call.parameters[0], wanted));
  return changed_answer(json_answer(application_json(updated.value)), updated.epoch);
}

Result<Answer> remove_application(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto removed,
                   applications::remove(context, call.caller, call.parameters[0]));
  return changed_answer(empty_answer(), removed.epoch);
}

// ---- API keys

Result<Answer> list_keys(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const model::KeyType type, read_key_type(call.parameters[1]));
  ASSIGN_OR_REFUSE(const auto found, keys::list(context, call.caller, call.parameters[0], type));
  json list = json::array();
  for (const model::ApiKey& key : found) list.push_back(key_json(key));
  return list_answer(std::move(list));
}

Result<Answer> generate_key(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const model::KeyType type, read_key_type(call.parameters[1]));
  json body = json::object();
  if (!call.request.body.empty()) {
    ASSIGN_OR_REFUSE(body, parse_json(call.request.body));
  }
  ASSIGN_OR_REFUSE(const keys::Wish wish, read_key(body, type));
  ASSIGN_OR_REFUSE(const auto issued,
                   keys::generate(context, call.caller, call.parameters[0], wish));
  json answer = {{"apikey", issued.value.text},
                 {"validityTime", wish.valid_s},
                 {"keyUUID", issued.value.key.uuid},
                 {"keyName", issued.value.key.name}};
  return changed_answer(json_answer(answer), issued.epoch);
}

Result<Answer> revoke_key(Context& context, const Call& call) {
  CHECK_OR_REFUSE(read_key_type(call.parameters[1]));
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  Fields fields(body);
  const keys::Which which{fields.text("apikey"), fields.text("keyUUID")};
  if (which.text.empty() == which.uuid.empty())
    fields.fail("apikey", "name the key itself, or keyUUID");
  CHECK_OR_REFUSE(fields.done("The API key is not named"));
  ASSIGN_OR_REFUSE(const auto revoked,
                   keys::revoke(context, call.caller, call.parameters[0], which));
  return changed_answer(empty_answer(), revoked.epoch);
}

// ---- subscriptions

Result<Answer> list_subscriptions(Context& context, const Call& call) {
  store::subscriptions::Filter filter;
  filter.api_uuid = call.request.parameter("apiId");
  filter.application_uuid = call.request.parameter("applicationId");
  ASSIGN_OR_REFUSE(filter.page, read_page(call.request));
  ASSIGN_OR_REFUSE(const auto found, subscriptions::list_own(context, call.caller, filter));
  json list = json::array();
  for (const auto& item : found.items) list.push_back(subscription_json(item));
  return page_answer(call, filter.page, std::move(list), found.total);
}

Result<Answer> create_subscription(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(const subscriptions::Wish wish, read_subscription(body));
  ASSIGN_OR_REFUSE(const auto made, subscriptions::create(context, call.caller, {wish}));
  Answer answer = json_answer(subscription_json(made.value.front()), 201);
  answer.headers["Location"] =
      fmt::format("{}/subscriptions/{}", kBase, made.value.front().subscription.uuid);
  return changed_answer(std::move(answer), made.epoch);
}

Result<Answer> create_subscriptions(Context& context, const Call& call) {
  constexpr size_t kWishesMax = 100;
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  if (!body.is_array() || body.empty() || body.size() > kWishesMax)
    return model::refuse(model::bad_request(900700, "The subscriptions are not valid",
                                            fmt::format("send a list of 1 to {}", kWishesMax)));
  std::vector<subscriptions::Wish> wishes;
  for (const json& item : body) {
    ASSIGN_OR_REFUSE(subscriptions::Wish wish, read_subscription(item));
    wishes.push_back(std::move(wish));
  }
  ASSIGN_OR_REFUSE(const auto made, subscriptions::create(context, call.caller, wishes));
  json list = json::array();
  for (const auto& item : made.value) list.push_back(subscription_json(item));
  return changed_answer(json_answer(list), made.epoch);
}

Result<Answer> get_subscription(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto found, subscriptions::get(context, call.caller, call.parameters[0]));
  return json_answer(subscription_json(found));
}

Result<Answer> update_subscription(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  Fields fields(body);
  const std::string policy = fields.required_text("throttlingPolicy");
  CHECK_OR_REFUSE(fields.done("The subscription is not valid"));
  ASSIGN_OR_REFUSE(const auto updated,
                   subscriptions::update(context, call.caller, call.parameters[0], policy));
  return changed_answer(json_answer(subscription_json(updated.value)), updated.epoch);
}

Result<Answer> remove_subscription(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto removed,
                   subscriptions::remove(context, call.caller, call.parameters[0]));
  return changed_answer(empty_answer(), removed.epoch);
}

// ---- the rest

Result<Answer> list_policies(Context& context, const Call& call) {
  return tiers_answer(context, call, may::kAnybody);
}

Result<Answer> get_policy(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const model::PolicyLevel level, read_level(call.parameters[0]));
  ASSIGN_OR_REFUSE(const auto policy,
                   service::policies::get_by_name(context, call.caller, level, call.parameters[1],
                                                  may::kAnybody));
  return json_answer(tier_json(policy));
}

Result<Answer> change_password(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  Fields fields(body);
  const std::string current = fields.required_text("currentPassword");
  const std::string wanted = fields.required_text("newPassword");
  CHECK_OR_REFUSE(fields.done("The passwords are not valid"));
  CHECK_OR_REFUSE(service::users::change_password(context, call.caller, current, wanted));
  return empty_answer();
}

Result<Answer> get_document(Context&, const Call&) { return document_answer(Document::Devportal); }

constexpr Route kRoutes[] = {
    {Role::Devportal, "GET", kBase, "/swagger.yaml", Body::None, may::kAnybody, get_document},
    {Role::Devportal, "GET", kBase, "/apis", Body::None, may::kAnybody, list_apis},
    {Role::Devportal, "GET", kBase, "/apis/{apiId}", Body::None, may::kAnybody, get_api},
    {Role::Devportal, "GET", kBase, "/apis/{apiId}/swagger", Body::None, may::kAnybody,
     get_definition},
    {Role::Devportal, "GET", kBase, "/applications", Body::None, may::kApplications,
     list_applications},
    {Role::Devportal, "POST", kBase, "/applications", Body::Json, may::kApplicationChange,
     create_application},
    {Role::Devportal, "GET", kBase, "/applications/{applicationId}", Body::None, may::kApplications,
     get_application},
    {Role::Devportal, "PUT", kBase, "/applications/{applicationId}", Body::Json,
     may::kApplicationChange, update_application},
    {Role::Devportal, "DELETE", kBase, "/applications/{applicationId}", Body::None,
     may::kApplications, remove_application},
    {Role::Devportal, "GET", kBase, "/applications/{applicationId}/api-keys/{keyType}", Body::None,
     may::kApiKeys, list_keys},
    {Role::Devportal, "POST", kBase, "/applications/{applicationId}/api-keys/{keyType}/generate",
     Body::Optional, may::kApiKeys, generate_key},
    {Role::Devportal, "POST", kBase, "/applications/{applicationId}/api-keys/{keyType}/revoke",
     Body::Json, may::kApiKeys, revoke_key},
    {Role::Devportal, "GET", kBase, "/subscriptions", Body::None, may::kSubscribe,
     list_subscriptions},
    {Role::Devportal, "POST", kBase, "/subscriptions", Body::Json, may::kSubscribe,
     create_subscription},
    {Role::Devportal, "POST", kBase, "/subscriptions/multiple", Body::Json, may::kSubscribe,
     create_subscriptions},
    {Role::Devportal, "GET", kBase, "/subscriptions/{subscriptionId}", Body::None, may::kSubscribe,
     get_subscription},
    {Role::Devportal, "PUT", kBase, "/subscriptions/{subscriptionId}", Body::Json, may::kSubscribe,
     update_subscription},
    {Role::Devportal, "DELETE", kBase, "/subscriptions/{subscriptionId}", Body::None,
     may::kSubscribe, remove_subscription},
    {Role::Devportal, "GET", kBase, "/throttling-policies/{policyLevel}", Body::None, may::kAnybody,
     list_policies},
    {Role::Devportal, "GET", kBase, "/throttling-policies/{policyLevel}/{policyId}", Body::None,
     may::kAnybody, get_policy},
    {Role::Devportal, "POST", kBase, "/me/change-password", Body::Json, may::kAnyUser,
     change_password},
};

}  // namespace

std::span<const Route> devportal_routes() { return kRoutes; }

}  // namespace apim::rest
