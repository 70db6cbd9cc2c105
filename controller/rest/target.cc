#include "rest/target.h"

#include <fmt/format.h>

#include <cctype>

#include "model/ascii.h"

namespace apim::rest {
namespace {

constexpr int kCodeBadTarget = 900700;

model::Result<Target> bad_target(std::string why) {
  return model::refuse(
      model::bad_request(kCodeBadTarget, "The request target is not valid", std::move(why)));
}

std::optional<std::string> decode_segment(std::string_view raw) {
  auto segment = percent_decode(raw, false);
  if (!segment || segment->empty() || *segment == "." || *segment == "..") return std::nullopt;
  for (const char c : *segment) {
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return std::nullopt;
  }
  return segment;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = model::hex_value(text[i + 1]);
    const int low = model::hex_value(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

model::Result<Target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return bad_target("it must start with '/'");
  const size_t mark = text.find('?');
  std::string_view path = text.substr(1, mark == std::string_view::npos ? mark : mark - 1);
  Target target;
  for (bool is_last = path.empty(); !is_last;) {
    const size_t slash = path.find('/');
    is_last = slash == std::string_view::npos;
    const auto segment = decode_segment(path.substr(0, slash));
    if (!segment)
      return bad_target("a path segment is empty, '.', '..', or has an escape that is not allowed");
    target.path.push_back(*segment);
    if (!is_last) path.remove_prefix(slash + 1);
  }
  if (mark == std::string_view::npos) return target;
  std::string_view query = text.substr(mark + 1);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return bad_target("a query parameter has a broken escape");
    if (!target.query.emplace(*name, *value).second)
      return bad_target(fmt::format("the query parameter '{}' stands twice", *name));
  }
  return target;
}

}  // namespace apim::rest
