// Target: any text becomes one canonical path, or is refused; spelling it differently changes
// nothing.

#include <cassert>
#include <cstdint>
#include <string>

#include "fuzz/path.h"

namespace {

using apim::Arena;
using apim::http::canonical_target;
using apim::http::Target;

// Escaping what needs no escape is the same path (RFC 3986 6.2.2.2).
std::string escaped(std::string_view path) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < path.size(); ++i) {
    const auto byte = static_cast<unsigned char>(path[i]);
    if (path[i] == '%') {
      out.append(path.substr(i, 3));
      i += 2;
    } else if (apim::fuzz::is_unreserved(path[i])) {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += path[i];
    }
  }
  return out;
}

// So are steps that go nowhere (RFC 3986 5.2.4).
std::string with_idle_steps(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '/') out += "/%2E/./";
    if (c != '/') out += c;
  }
  return out;
}

void check_same_path(const std::string& text, std::string_view path) {
  Arena arena(4 * text.size() + 64 * 1024);
  const auto target = canonical_target(text, arena);
  assert(target.has_value());
  assert(target->path == path);
}

// Either it fits, and then it is the same; or there is no room.
void check_without_room(std::string_view text, const Target& target) {
  Arena arena(Arena::kFirstBytes);
  if (arena.allocate(Arena::kFirstBytes - 24, 1) == nullptr) return;
  const auto squeezed = canonical_target(text, arena);
  if (squeezed.has_value()) {
    assert(squeezed->path == target.path);
  } else {
    assert(squeezed.error().code == apim::FaultCode::Overloaded);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  const auto target = canonical_target(text, arena);
  if (!target) {
    const bool is_known = target.error().code == apim::FaultCode::BadRequest ||
                          target.error().code == apim::FaultCode::Overloaded;
    assert(is_known);
    return 0;
  }
  apim::fuzz::check_canonical(*target);
  apim::fuzz::check_idempotent(*target);
  const std::string_view raw = text.substr(0, text.find('?'));
  assert(target->path.size() <= raw.size());
  if (raw.size() < text.size()) assert(target->query == text.substr(raw.size() + 1));
  check_same_path(escaped(raw), target->path);
  check_same_path(with_idle_steps(raw), target->path);
  check_without_room(text, *target);
  return 0;
}
