// ProjectReader: a project's files -> Project, with the params of one environment laid over it.

#pragma once

#include "import/configs.h"
#include "import/files.h"
#include "import/project.h"
#include "model/problem.h"

namespace apim::import {

// `files` as unwrap() gives them. `configs_or_null`: nothing is laid over.
model::Result<Project> read_project_with(const Files& files, const Configs* configs_or_null);

}  // namespace apim::import
