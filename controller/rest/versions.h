// Versions: what --version prints: the controller's own version and that of every library it runs
// with.

#pragma once

#include <string>

namespace apim::rest {

std::string versions_text();

}  // namespace apim::rest
