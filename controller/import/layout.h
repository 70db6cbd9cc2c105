// Layout: which files of a project are what; other layouts are told apart and refused with what to
// do.

#pragma once

#include <string>

#include "import/files.h"
#include "model/problem.h"

namespace apim::import {

inline constexpr const char* kParamsFile = "api_params.yaml";
inline constexpr const char* kChosenParamsFile = "intermediate_params.yaml";

// What `apictl bundle` packs (SourceArchive.zip, Deployment/) as the project it stands for.
model::Result<Files> unwrap(Files files);

// api.yaml or api.json. Refuses 3.x projects, API products, applications, and folders without
// either.
model::Result<std::string> find_api_file(const Files& files);

// "" when the project has none.
std::string find_definition_file(const Files& files);
std::string find_deployments_file(const Files& files);

}  // namespace apim::import
