// ApiShapes: WSO2's JSON forms of APIs, revisions, deployments and lifecycle states.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/api.h"
#include "model/problem.h"
#include "service/lifecycle.h"
#include "service/revisions.h"

namespace apim::rest {

nlohmann::json api_info(const model::Api& api);         // an item of the publisher's list
nlohmann::json portal_api_info(const model::Api& api);  // of the portal's: nothing about back ends
nlohmann::json portal_api(const model::Api& api);
// The OpenAPI document kept, or one made of the operations.
std::string definition_of(const model::Api& api);

nlohmann::json revision_json(const service::revisions::Deployed& deployed);
nlohmann::json deployment_json(const model::Deployment& deployment);
model::Result<std::vector<model::Deployment>> read_deployments(const nlohmann::json& body);

nlohmann::json lifecycle_json(const service::lifecycle::State& state);
nlohmann::json history_json(const std::vector<store::lifecycles::Step>& steps);
nlohmann::json warnings_json(const std::vector<model::Warning>& warnings);

// "2026-11-21T10:00:00Z"
std::string time_text(int64_t unix_ms);

}  // namespace apim::rest
