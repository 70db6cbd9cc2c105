// Encoding: bytes of a text file -> UTF-8 without a byte order mark, or why not.

#pragma once

#include <string>
#include <string_view>

#include "model/problem.h"

namespace apim::import {

// Refuses UTF-16 and UTF-32, bytes that are not UTF-8 and NUL, with file and line.
model::Result<std::string> decode_utf8(std::string_view bytes, const std::string& file);

}  // namespace apim::import
