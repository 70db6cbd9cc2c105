#include "http/head.h"

#include <cassert>

namespace apim::http {

bool same_ignoring_case(std::string_view text, std::string_view lower) {
  assert(text.size() == lower.size());
  const char* a = text.data();
  const char* b = lower.data();
  for (const char* const end = a + text.size(); a != end; ++a, ++b) {
    const bool is_upper = *a >= 'A' && *a <= 'Z';
    if ((is_upper ? static_cast<char>(*a | 0x20) : *a) != *b) return false;
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
