// Plain TOML: what the configurations of both planes may not contain.
//
// toml++ 3.3 runs into undefined behaviour at characters like U+02D8 where white space may stand
// (is_non_ascii_horizontal_whitespace), so a text is looked at before it is parsed.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace apim {

// Where the first byte beyond ASCII stands outside of comments and one-line strings; anywhere, in a
// text with strings of many lines.
inline std::optional<size_t> first_stray_byte(std::string_view text) {
  const bool has_long_strings =
      text.find("\"\"\"") != std::string_view::npos || text.find("'''") != std::string_view::npos;
  char inside = 0;  // The quote of the string it is in, '#' in a comment.
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80 && (inside == 0 || has_long_strings)) return i;
    if (c == '\n') {
      inside = 0;
    } else if (inside == 0) {
      if (c == '"' || c == '\'' || c == '#') inside = c;
    } else if (inside == '"' && c == '\\') {
      if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0x80) ++i;
      if (text[i] == '\n') inside = 0;
    } else if (c == inside && c != '#') {
      inside = 0;
    }
  }
  return {};
}

}  // namespace apim
