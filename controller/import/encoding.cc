#include "import/encoding.h"

#include <fmt/format.h>

#include <cstdint>

#include "import/tree.h"

namespace apim::import {
namespace {

// How many bytes the character at `at` has, or 0 when it is not UTF-8 (RFC 3629: no overlong forms,
// no surrogates, nothing above U+10FFFF).
size_t character_bytes(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  const unsigned second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool beyond = first == 0xF4 && second > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

// UTF-16 and UTF-32 begin with a mark, or have a NUL within their first characters.
bool looks_wide(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return true;
  if (bytes.size() < 4) return false;
  return (bytes[0] == '\0') != (bytes[1] == '\0') && (bytes[2] == '\0' || bytes[3] == '\0');
}

}  // namespace

model::Result<std::string> decode_utf8(std::string_view bytes, const std::string& file) {
  if (looks_wide(bytes)) {
    return model::refuse(unreadable(file, 1, "is UTF-16 or UTF-32; save it as UTF-8"));
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  uint32_t line = 1;
  for (size_t at = 0; at < bytes.size();) {
    if (bytes[at] == '\n') ++line;
    if (bytes[at] == '\0')
      return model::refuse(unreadable(file, line, "holds a NUL byte; save it as UTF-8 text"));
    const size_t size = character_bytes(bytes, at);
    if (size == 0) {
      return model::refuse(
          unreadable(file, line,
                     fmt::format("holds the byte 0x{:02X}, which is not UTF-8; save it as UTF-8",
                                 static_cast<unsigned char>(bytes[at]))));
    }
    at += size;
  }
  return std::string(bytes);
}

}  // namespace apim::import
