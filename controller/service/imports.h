// Imports: a whole project becomes an API, its state, a revision and its deployments, in one
// transaction.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "import/project.h"
#include "model/api.h"
#include "service/context.h"

namespace apim::service::imports {

struct Options {
  bool preserve_provider = true;  // the project's provider stays; false: the caller becomes it
  bool overwrite = false;         // an API of the same name and version is updated
  bool rotate_revision = false;   // at the limit the oldest revision makes room
  bool dry_run = false;           // everything is checked, nothing is kept
};

struct Imported {
  model::Api api;
  bool created = false;
  std::optional<model::Revision> revision;  // when the project names deployments
  std::vector<model::Deployment> deployments;
  std::vector<model::Warning> warnings;
};

// Reference 1.10. Nothing of it stays when any part is refused.
Result<Changed<Imported>> import_project(Context& context, const Caller& caller,
                                         const import::Project& project, const Options& options);

}  // namespace apim::service::imports
