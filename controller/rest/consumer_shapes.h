// ConsumerShapes: WSO2's JSON forms of applications, subscriptions and API keys.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/consumer.h"
#include "model/problem.h"
#include "service/applications.h"
#include "service/keys.h"
#include "service/subscriptions.h"

namespace apim::rest {

nlohmann::json application_json(const service::applications::Counted& counted);
model::Result<model::Application> read_application(const nlohmann::json& body);

nlohmann::json subscription_json(const service::subscriptions::Detailed& item);
nlohmann::json publisher_subscription_json(const service::subscriptions::Detailed& item);
model::Result<service::subscriptions::Wish> read_subscription(const nlohmann::json& body);

nlohmann::json key_json(const model::ApiKey& key);
model::Result<service::keys::Wish> read_key(const nlohmann::json& body, model::KeyType type);
// "PRODUCTION" or "SANDBOX" in a path; 404 otherwise.
model::Result<model::KeyType> read_key_type(const std::string& text);

}  // namespace apim::rest
