// App: apimctl's command line, from arguments to exit code.

#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace apim::cli {

// Parses `arguments` (without the program's name) and runs the command. Never throws.
Exit run(Context& context, const std::vector<std::string>& arguments);

}  // namespace apim::cli
