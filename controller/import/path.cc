#include "import/path.h"

#include <fmt/format.h>

#include <algorithm>

namespace apim::import {

std::string why_not_path(std::string_view path, const FileBounds& bounds) {
  if (path.empty()) return "has no name";
  if (path.size() > bounds.path_bytes_max) {
    return fmt::format("has a name longer than {} bytes", bounds.path_bytes_max);
  }
  if (path.front() == '/') return "has an absolute path; names must be relative to the project";
  if (path.size() > 1 && path[1] == ':')
    return "has a drive letter; names must be relative to the project";
  if (path.find('\\') != std::string_view::npos)
    return "has a backslash in its name; use '/' between folders";
  const bool control = std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control) return "has a control character in its name";
  size_t folders = 0;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part == "..") return "leaves the project by '..' in its path";
    if (part.empty() || part == ".") return "has an empty part or '.' in its path";
    folders += end < path.size();
    begin = end + 1;
  }
  if (folders > bounds.depth_max)
    return fmt::format("lies deeper than {} folders", bounds.depth_max);
  return "";
}

std::string shown_path(std::string_view path) {
  std::string result;
  for (const char c : path.substr(0, 200)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte >= 0x7f ? '?' : c;
  }
  return result;
}

}  // namespace apim::import
