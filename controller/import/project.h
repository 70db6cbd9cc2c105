// Project: an apictl 4.x project (reference 1.1 to 1.3) read into the model.

#pragma once

#include <string>
#include <vector>

#include "import/archive.h"
#include "import/files.h"
#include "model/api.h"
#include "model/problem.h"

namespace apim::import {

// One entry of deployment_environments.yaml.
struct DeploymentTarget {
  std::string environment;  // "Default"
  std::string vhost;        // "" = the first vhost of the environment
  bool shown_in_devportal = true;
  friend bool operator==(const DeploymentTarget&, const DeploymentTarget&) = default;
};

struct Project {
  model::Api api;  // definition included; no ids, uuid or times
  std::vector<model::Warning> warnings;
  std::vector<DeploymentTarget> deployments;  // empty: only the working copy is meant to change
  Files attachments;                          // documents, image, certificates: kept, not used yet
};

// Reads a project: api.yaml or api.json, Definitions/, deployment_environments.yaml, Policies/, and
// intermediate_params.yaml (what prepare_project or apictl put there). Refuses with every finding
// at once. `SourceArchive.zip` with a `Deployment/` folder beside it is unpacked and overlaid
// first.
model::Result<Project> read_project(const Files& files);

// read_zip and read_project.
model::Result<Project> read_project_zip(std::string_view zip);

}  // namespace apim::import
