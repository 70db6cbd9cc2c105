// Source: what a path given to `apimctl deploy` is: a project (folder, zip, bare api.yaml) or an
// OpenAPI document.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "import/files.h"
#include "model/problem.h"

namespace apim::import {

struct Source {
  enum class Kind : uint8_t { Project, OpenApi };
  Kind kind = Kind::Project;
  std::string name;  // for messages: the path as given
  Files files;       // Project: its files. OpenApi: the one document under its own file name.
};

// A bare api.yaml brings what an apictl project has beside it (Definitions/, Policies/, params,
// ...).
model::Result<Source> read_source(const std::filesystem::path& path);

}  // namespace apim::import
