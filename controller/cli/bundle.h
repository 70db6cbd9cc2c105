// Bundle: what `apimctl deploy X` uploads: X read, its parameters applied, checked, and packed.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/outcome.h"
#include "import/project.h"
#include "model/problem.h"

namespace apim::cli {

struct BundleArguments {
  std::string source;       // folder, zip, api.yaml or OpenAPI document
  std::string params_file;  // "" = the project's own
  std::string
      params_environment;   // entry of the params' `environments`; "" = found by `environment`
  std::string environment;  // --env; "" = what the project says, else Default
  std::string vhost;        // --vhost; "" = the environment's first
  // OpenAPI documents only.
  std::string name;
  std::string context;
  std::string version;
  std::string endpoint;
  std::string sandbox_endpoint;
  std::string state = "PUBLISHED";
  std::vector<std::string> plans;
};

struct Bundle {
  std::string name;
  std::string version;
  std::string zip;
  std::vector<import::DeploymentTarget> targets;  // empty only for a retired API
};

Outcome<Bundle> make_bundle(const BundleArguments& arguments,
                            const std::map<std::string, std::string>& variables);

// "message: description" and one line per finding.
std::string describe_problem(const model::Problem& problem);

}  // namespace apim::cli
