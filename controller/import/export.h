// Export: an API as an apictl 4.x project. What import reads; the same API gives the same bytes.

#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "import/files.h"
#include "import/project.h"
#include "model/api.h"
#include "model/problem.h"

namespace apim::import {

enum class Format : uint8_t { Yaml, Json };

// api.yaml|json, Definitions/swagger.yaml|json, deployment_environments.yaml|json (when there are
// targets).
model::Result<Files> write_project(const model::Api& api,
                                   const std::vector<DeploymentTarget>& deployments, Format format);

// The zip of write_project under "<name>-<version>/".
model::Result<std::string> export_zip(const model::Api& api,
                                      const std::vector<DeploymentTarget>& deployments,
                                      Format format);

// The content of deployment_environments.yaml, envelope included.
nlohmann::ordered_json targets_document(const std::vector<DeploymentTarget>& targets);

}  // namespace apim::import
