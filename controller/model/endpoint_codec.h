// EndpointCodec: `endpointConfig` of an API document <-> endpoint groups (reference 1.5, 2.10).

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "model/api.h"
#include "model/field.h"

namespace apim::model {

struct EndpointGroups {
  std::optional<EndpointGroup> production;
  std::optional<EndpointGroup> sandbox;
  friend bool operator==(const EndpointGroups&, const EndpointGroups&) = default;
};

// Types http, load_balance and failover; the others are refused by name.
EndpointGroups read_endpoints(const Field& config);

// `before`: endpointConfig as the document has it; credentials and session settings are taken over
// from there. Both groups are written with one endpoint_type, as the format wants it: the
// production group's.
nlohmann::json write_endpoints(const EndpointGroups& groups, const nlohmann::json& before);

}  // namespace apim::model
