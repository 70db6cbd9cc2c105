// PolicyShapes: WSO2's JSON forms of throttling policies, deny conditions and environments
// (reference 4.11, 6.2).

#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "model/api.h"
#include "model/policy.h"
#include "model/problem.h"
#include "rest/message.h"
#include "rest/router.h"

namespace apim::rest {

nlohmann::json policy_json(const model::ThrottlePolicy& policy);
model::Result<model::ThrottlePolicy> read_policy(const nlohmann::json& body,
                                                 model::PolicyLevel level);
// The short form that publisher and portal list.
nlohmann::json tier_json(const model::ThrottlePolicy& policy);
// The whole of GET /throttling-policies/{policyLevel} of publisher and portal.
model::Result<Answer> tiers_answer(service::Context& context, const Call& call,
                                   const service::Permission& permission);
// "subscription", "application", "api" or "advanced" in a path; 404 otherwise.
model::Result<model::PolicyLevel> read_level(const std::string& text);
std::string to_text(model::PolicyLevel level);

nlohmann::json deny_json(const model::DenyCondition& condition);
model::Result<model::DenyCondition> read_deny(const nlohmann::json& body);

nlohmann::json environment_json(const model::Environment& environment);
model::Result<model::Environment> read_environment(const nlohmann::json& body);

}  // namespace apim::rest
