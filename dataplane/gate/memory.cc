#include "gate/memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace apim::gate {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The number `text` starts with; nothing for "max".
std::optional<uint64_t> number_of(std::string_view text) {
  uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return {};
  return number;
}

uint64_t page_bytes() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)); }

// "0::/system.slice/a.service" names the group of version 2, "5:memory:/a" that of version 1.
std::string group_of(std::string_view lines, std::string_view mark) {
  const size_t at = lines.find(mark);
  if (at == std::string_view::npos) return {};
  lines.remove_prefix(at + mark.size());
  return std::string(lines.substr(0, lines.find('\n')));
}

// The least limit from `group` up to the root of its hierarchy.
uint64_t least_limit(const std::filesystem::path& hierarchy, std::string group, const char* file) {
  uint64_t least = UINT64_MAX;
  while (true) {
    const auto limit = number_of(text_of(hierarchy.string() + group + "/" + file));
    if (limit) least = std::min(least, *limit);
    if (group.empty()) return least;
    group.resize(group.find_last_of('/') == std::string::npos ? 0 : group.find_last_of('/'));
  }
}

}  // namespace

uint64_t resident_bytes(const KernelRoot& root) {
  const std::string text = text_of(root / "proc/self/statm");
  const size_t space = text.find(' ');
  if (space == std::string::npos) return 0;
  return number_of(std::string_view(text).substr(space + 1)).value_or(0) * page_bytes();
}

uint64_t granted_bytes(const KernelRoot& root) {
  const uint64_t machine = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * page_bytes();
  const std::string groups = text_of(root / "proc/self/cgroup");
  return std::min({machine,
                   least_limit(root / "sys/fs/cgroup", group_of(groups, "0::"), "memory.max"),
                   least_limit(root / "sys/fs/cgroup/memory", group_of(groups, ":memory:"),
                               "memory.limit_in_bytes")});
}

void return_freed() { malloc_trim(0); }

}  // namespace apim::gate
