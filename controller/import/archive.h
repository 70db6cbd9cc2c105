// Archive: a project's files in a zip and out of it.

#pragma once

#include <string>
#include <string_view>

#include "import/files.h"
#include "model/problem.h"

namespace apim::import {

// `zip` is the whole archive. Refuses links, encrypted entries, bombs and names that leave the
// project. A folder that holds everything ("Pizza-1.0.0/...") is taken off the paths.
model::Result<Files> read_zip(std::string_view zip, const FileBounds& bounds = {});

// The same files give the same bytes: sorted, fixed times, fixed compression. `root`
// ("Pizza-1.0.0", may be "") becomes the folder that holds everything.
model::Result<std::string> write_zip(const Files& files, const std::string& root);

}  // namespace apim::import
