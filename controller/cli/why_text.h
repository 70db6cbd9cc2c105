// WhyText: a gateway's explanation of one request, as rows that people read.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace apim::cli {

// STEP, DECISION, WHAT: one row a step and more for what belongs to it. What a newer gateway tells
// beyond what is known here is left out.
std::vector<std::vector<std::string>> why_rows(const nlohmann::json& explanation);

// The last line: "forwarded to ..." or the status, WSO2's code and its text; with the epoch.
std::string why_outcome(const nlohmann::json& explanation);

}  // namespace apim::cli
