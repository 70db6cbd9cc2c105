// Token list: the one reader of comma-separated lists in field values (RFC 9110 5.6.1).

#pragma once

#include <string_view>

namespace apim::http {

// Without spaces and tabs at both ends.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the next member off `list`; empty members come back as empty text. False: no more.
inline bool next_member(std::string_view& list, std::string_view* member) {
  if (list.data() == nullptr) return false;
  const size_t comma = list.find(',');
  *member = trimmed(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  return true;
}

}  // namespace apim::http
