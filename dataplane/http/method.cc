#include "http/method.h"

#include <array>
#include <cassert>

namespace apim::http {
namespace {

constexpr std::array<std::string_view, 8> kNames{"GET",    "HEAD",  "POST",    "PUT",
                                                 "DELETE", "PATCH", "OPTIONS", "TRACE"};

}  // namespace

std::string_view to_text(Method method) {
  const auto index = static_cast<size_t>(method);
  assert(index < kNames.size());
  return kNames[index];
}

std::optional<Method> parse_method(std::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) return static_cast<Method>(i);
  }
  return std::nullopt;
}

bool is_idempotent(Method method) { return method != Method::Post && method != Method::Patch; }

}  // namespace apim::http
