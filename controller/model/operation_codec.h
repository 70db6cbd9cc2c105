// OperationCodec: `operations` and the policy lists of an API document <-> the model
// (reference 1.6).

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/api.h"
#include "model/field.h"

namespace apim::model {

std::vector<Operation> read_operations(const Field& operations);
// `before`: the list as the document has it; what the model does not type is taken over from there.
nlohmann::json write_operations(const std::vector<Operation>& operations,
                                const nlohmann::json& before);

// {request: [], response: [], fault: []}
PolicyFlows read_flows(const Field& flows);
nlohmann::json write_flows(const PolicyFlows& flows);

// Why "/a/{x" cannot be an operation's target, or "" when it can.
std::string why_not_target(const std::string& target);

}  // namespace apim::model
