#include "rest/consumer_shapes.h"

#include "rest/api_shapes.h"
#include "rest/fields.h"

namespace apim::rest {
namespace {

using model::SubscriptionState;
using nlohmann::json;

std::string to_text(SubscriptionState state) {
  switch (state) {
    case SubscriptionState::Unblocked: return "UNBLOCKED";
    case SubscriptionState::Blocked: return "BLOCKED";
    case SubscriptionState::ProductionBlocked: return "PROD_ONLY_BLOCKED";
    case SubscriptionState::OnHold: return "ON_HOLD";
    case SubscriptionState::Rejected: return "REJECTED";
    case SubscriptionState::TierUpdatePending: return "TIER_UPDATE_PENDING";
    case SubscriptionState::DeletePending: return "DELETE_PENDING";
  }
  return "ON_HOLD";
}

std::string to_text(model::KeyType type) {
  return type == model::KeyType::Production ? "PRODUCTION" : "SANDBOX";
}

}  // namespace

json application_json(const service::applications::Counted& counted) {
  const model::Application& application = counted.application;
  return {{"applicationId", application.uuid},
          {"name", application.name},
          {"throttlingPolicy", application.throttling_policy},
          {"description", application.description},
          {"tokenType", application.token_type},
          {"status", application.status},
          {"groups", application.groups},
          {"subscriptionCount", counted.subscriptions},
          {"keys", json::array()},
          {"attributes", application.attributes},
          {"subscriptionScopes", json::array()},
          {"owner", application.owner},
          {"hashEnabled", true},
          {"createdTime", std::to_string(application.created_ms)},
          {"updatedTime", std::to_string(application.updated_ms)},
          {"visibility", "PRIVATE"}};
}

model::Result<model::Application> read_application(const json& body) {
  Fields fields(body);
  model::Application application;
  application.name = fields.required_text("name");
  application.throttling_policy = fields.required_text("throttlingPolicy");
  application.description = fields.text("description");
  application.token_type = fields.text("tokenType", "JWT");
  application.groups = fields.texts("groups");
  if (const json* attributes = fields.object("attributes")) {
    for (const auto& [name, value] : attributes->items()) {
      if (!value.is_string()) {
        fields.fail("attributes." + name, "must be text");
      } else {
        application.attributes[name] = value.get<std::string>();
      }
    }
  }
  CHECK_OR_REFUSE(fields.done("The application is not valid"));
  return application;
}

json subscription_json(const service::subscriptions::Detailed& item) {
  json body = publisher_subscription_json(item);
  body["applicationId"] = item.application.uuid;
  body["apiId"] = item.api.uuid;
  body["apiInfo"] = portal_api_info(item.api);
  body["status"] = body["subscriptionStatus"];
  body["requestedThrottlingPolicy"] = item.subscription.throttling_policy;
  body.erase("subscriptionStatus");
  return body;
}

json publisher_subscription_json(const service::subscriptions::Detailed& item) {
  return {{"subscriptionId", item.subscription.uuid},
          {"throttlingPolicy", item.subscription.throttling_policy},
          {"subscriptionStatus", to_text(item.subscription.state)},
          {"applicationInfo",
           {{"applicationId", item.application.uuid},
            {"name", item.application.name},
            {"subscriber", item.application.owner},
            {"throttlingPolicy", item.application.throttling_policy}}}};
}

model::Result<service::subscriptions::Wish> read_subscription(const json& body) {
  Fields fields(body);
  service::subscriptions::Wish wish;
  wish.application_uuid = fields.required_text("applicationId");
  wish.api_uuid = fields.required_text("apiId");
  wish.throttling_policy = fields.required_text("throttlingPolicy");
  CHECK_OR_REFUSE(fields.done("The subscription is not valid"));
  return wish;
}

json key_json(const model::ApiKey& key) {
  const int64_t validity = key.expires_s == 0 ? -1 : key.expires_s - key.created_ms / 1000;
  return {{"keyUUID", key.uuid},
          {"keyName", key.name},
          {"keyType", to_text(key.type)},
          {"issuedOn", time_text(key.created_ms)},
          {"validityPeriod", validity},
          {"additionalProperties",
           {{"permittedIP", key.permitted_ips}, {"permittedReferer", key.permitted_referers}}}};
}

model::Result<service::keys::Wish> read_key(const json& body, model::KeyType type) {
  Fields fields(body);
  service::keys::Wish wish;
  wish.type = type;
  wish.name = fields.text("keyName");
  wish.valid_s = fields.number("validityPeriod", -1);
  if (const json* properties = fields.object("additionalProperties")) {
    Fields restrictions(*properties, "additionalProperties");
    wish.permitted_ips = restrictions.text("permittedIP");
    wish.permitted_referers = restrictions.text("permittedReferer");
    fields.absorb(std::move(restrictions));
  }
  CHECK_OR_REFUSE(fields.done("The API key request is not valid"));
  return wish;
}

model::Result<model::KeyType> read_key_type(const std::string& text) {
  if (text == "PRODUCTION") return model::KeyType::Production;
  if (text == "SANDBOX") return model::KeyType::Sandbox;
  return model::refuse(model::bad_request(900700, "The key type is not valid",
                                          "it must be PRODUCTION or SANDBOX, is '" + text + "'"));
}

}  // namespace apim::rest
