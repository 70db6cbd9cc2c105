// Path: which names a project's files may have.

#pragma once

#include <string>
#include <string_view>

#include "import/files.h"

namespace apim::import {

// Why a name is refused: absolute, "..", backslash, control characters, too long, too deep. "" when
// it is fine.
std::string why_not_path(std::string_view path, const FileBounds& bounds);

// As a finding shows it: control characters replaced, cut.
std::string shown_path(std::string_view path);

}  // namespace apim::import
