// EndpointSecrets: passwords and keys in `endpointConfig`, which are taken but never given back.

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace apim::model {

// Every secret of the API's document becomes "".
void blank_secrets(nlohmann::json& document);

// `document`, with the secrets of `stored` where it says "" or null in the same place. Both are
// texts of API documents.
std::string keep_secrets(const std::string& document, const std::string& stored);

}  // namespace apim::model
