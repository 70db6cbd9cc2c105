// Escape: text as the inside of a JSON string.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace apim::observe {

struct Escaped {
  size_t bytes;   // Written.
  bool complete;  // False: `room` was too small; what is written is still whole escapes and
                  // characters.
};

// Writes at most `room` bytes to `out`. Valid UTF-8 stays; quotes, backslashes and control bytes
// are escaped; every byte that is not valid UTF-8 becomes \ufffd.
Escaped escape_json(std::string_view text, char* out, size_t room);

// The same, appended with the quotes around it.
void append_json(std::string& out, std::string_view text);

}  // namespace apim::observe
