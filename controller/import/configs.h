// Configs: what the params say for one environment, laid over an API document (reference 1.9).

#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "import/gather.h"
#include "import/project.h"
#include "import/tree.h"

namespace apim::import {

struct Configs {
  Tree tree;
  std::string root;  // where the environment's `configs` stand in the tree
};

// Replaces endpointConfig, policies, ... of `data` by what the configs say; `locator` (of `data`)
// then finds them in the params. Returns the deployment targets when the configs name any: they win
// over deployment_environments.yaml. `configs` must live as long as `locator`.
std::optional<std::vector<DeploymentTarget>> apply_configs(const Configs& configs,
                                                           nlohmann::json& data,
                                                           TreeLocator& locator, Gather& gather);

}  // namespace apim::import
