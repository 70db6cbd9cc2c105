// Params: api_params.yaml and ${VARIABLES} applied to a project before it is uploaded
// (reference 1.9).
//
// Runs where the variables are: in apimctl. The chosen environment travels to the server inside the
// project, as intermediate_params.yaml, the way apictl sends it; read_project applies it there.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "import/files.h"
#include "import/project.h"
#include "model/problem.h"

namespace apim::import {

// The process's environment, or what a test makes of it.
using Variables = std::map<std::string, std::string>;

struct Preparation {
  std::string params_file =
      {};  // its name in messages; "" = the project's own api_params.yaml, if any
  std::optional<std::string> params_text = {};  // content of params_file
  std::string environment = {};                 // entry of `environments`; "" = the only one
  Variables variables = {};
};

// Replaces every ${NAME} in api.yaml, deployment_environments.yaml and the params, then puts the
// chosen environment's configs into the project. Lines stay where they were. A variable that is not
// set is refused with its name, file and line. The result passes read_project or is refused here,
// with the user's own files and lines. api_params.yaml itself stays behind: other environments'
// secrets do not travel.
model::Result<Files> prepare_project(Files files, const Preparation& preparation);

// ${NAME} -> variables["NAME"] for NAME of letters, digits and '_'; comment lines are left alone. A
// value with a line break is refused. `file` is for messages only.
model::Result<std::string> substitute(const std::string& text, const std::string& file,
                                      const Variables& variables);

// The names of a params file's environments.
model::Result<std::vector<std::string>> environments_of(const std::string& params_text,
                                                        const std::string& file);

// The project with these deployment targets, whatever it and its params said before.
model::Result<Files> with_targets(Files files, const std::vector<DeploymentTarget>& targets);

}  // namespace apim::import
