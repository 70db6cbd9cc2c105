#include "http/head.h"

namespace apim::http {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_upper = c >= 'A' && c <= 'Z';
    if ((is_upper ? static_cast<char>(c | 0x20) : c) != lower[i]) return false;
  }
  return true;
}

Field* RequestHead::find_or_null(std::string_view lower_name) const {
  for (Field& field : fields) {
    if (equals_ignoring_case(field.name, lower_name)) return &field;
  }
  return nullptr;
}

}  // namespace apim::http
