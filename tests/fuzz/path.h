// Path: what must hold of a canonical path, written anew from RFC 3986 and http/target.h's rules.

#pragma once

#include <cassert>
#include <string_view>

#include "base/arena.h"
#include "fuzz/wire.h"
#include "http/target.h"

namespace apim::fuzz {

inline bool is_unreserved(char c) {
  return is_alphanumeric(c) || std::string_view("-._~").find(c) != std::string_view::npos;
}

inline int upper_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Escapes are in upper case, needed, and none hides a separator or an end.
inline void check_escape(std::string_view path, size_t at) {
  assert(at + 2 < path.size());
  const int high = upper_hex(path[at + 1]);
  const int low = upper_hex(path[at + 2]);
  assert(high >= 0);
  assert(low >= 0);
  const char byte = static_cast<char>(high * 16 + low);
  assert(!is_unreserved(byte));
  assert(std::string_view("\0\r\n/\\", 5).find(byte) == std::string_view::npos);
}

inline void check_segments(std::string_view path) {
  for (size_t at = 1; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    assert(!segment.empty() || end == path.size());
    assert(segment != ".");
    assert(segment != "..");
    assert(!segment.starts_with(".;"));
    assert(!segment.starts_with("..;"));
    at = end + 1;
  }
}

inline void check_canonical(const http::Target& target) {
  assert(!target.path.empty());
  assert(target.path.front() == '/');
  for (size_t i = 0; i < target.path.size(); ++i) {
    const char c = target.path[i];
    if (c == '%') check_escape(target.path, i);
    const bool is_mark = std::string_view("!$&'()*+,=:@[];/%").find(c) != std::string_view::npos;
    assert(is_unreserved(c) || is_mark);
  }
  check_segments(target.path);
  for (const char c : target.query) {
    assert(c > 0x20);
    assert(c < 0x7f);
    assert(c != '#');
  }
  assert(target.has_query || target.query.empty());
}

// A canonical target read again is itself.
inline void check_idempotent(const http::Target& target) {
  std::string text(target.path);
  if (target.has_query) text.append("?").append(target.query);
  Arena arena;
  const auto again = http::canonical_target(text, arena);
  assert(again.has_value());
  assert(again->path == target.path);
  assert(again->query == target.query);
  assert(again->has_query == target.has_query);
}

}  // namespace apim::fuzz
