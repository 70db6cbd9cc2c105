// View: a table's text as the rest of the code reads it.

#pragma once

#include <flatbuffers/flatbuffers.h>

#include <string_view>

namespace apim::snapshot {

// Empty for a text that was left out. Lives as long as the table.
inline std::string_view view(const flatbuffers::String* text_or_null) {
  if (text_or_null == nullptr) return {};
  return {text_or_null->c_str(), text_or_null->size()};
}

}  // namespace apim::snapshot
