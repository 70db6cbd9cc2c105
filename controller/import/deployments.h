// Deployments: deployment_environments.yaml, and the same list inside of params.

#pragma once

#include <string>
#include <vector>

#include "import/gather.h"
#include "import/project.h"
#include "import/tree.h"
#include "model/field.h"

namespace apim::import {

// [{deploymentEnvironment, deploymentVhost, displayOnDevportal}]
std::vector<DeploymentTarget> read_targets(const model::Field& list);

// {type, version, data: [...]}, or the list alone.
std::vector<DeploymentTarget> read_deployments(const Tree& tree, Gather& gather);

}  // namespace apim::import
