#include "compile/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/ascii.h"

namespace apim::compile {
namespace {

bool is_alphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_unreserved(unsigned char c) {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool is_path_byte(unsigned char c) {
  return is_unreserved(c) ||
         std::string_view("/!$&'()*+,;=:@").find(static_cast<char>(c)) != std::string_view::npos;
}

void append_escape(std::string& out, unsigned char c) { out += fmt::format("%{:02X}", c); }

// Decodes the escape at text[at]; an empty reason means it went into `out`.
std::string append_decoded(std::string_view text, size_t at, std::string& out) {
  const int high = at + 1 < text.size() ? model::hex_value(text[at + 1]) : -1;
  const int low = at + 2 < text.size() ? model::hex_value(text[at + 2]) : -1;
  if (high < 0 || low < 0) return "has a '%' that two hexadecimal digits do not follow";
  const auto c = static_cast<unsigned char>(high * 16 + low);
  if (c == '/' || c == '\\' || c == 0) return "has an escaped '/', '\\' or NUL";
  if (c < 0x20 || c == 0x7f) return "has an escaped control byte";
  if (is_unreserved(c)) {
    out += static_cast<char>(c);
  } else {
    append_escape(out, c);
  }
  return "";
}

std::string why_not_raw(unsigned char c) {
  if (c < 0x20 || c == 0x7f) return "has a control byte";
  if (c == '\\') return "has a '\\'";
  if (c == '?') return "has a query; only paths can be matched";
  if (c == '#') return "has a fragment";
  return "";
}

// Reasons about whole segments, once escapes are normal.
std::string why_not_segments(std::string_view path) {
  size_t begin = 1;
  while (begin <= path.size()) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..") return "has a dot segment";
    if (segment.empty() && path.size() > 1) return "has an empty segment ('//')";
    begin = end + 1;
  }
  return "";
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(static_cast<unsigned char>(c)) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  if (trimmed(text).size() != text.size()) return false;
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = trimmed(text.substr(0, comma));
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(byte)) {
      out += c;
    } else {
      append_escape(out, byte);
    }
  }
  return out;
}

std::expected<std::string, std::string> canonical_path(std::string_view text) {
  if (text.empty() || text.front() != '/') return std::unexpected("does not start with '/'");
  while (text.size() > 1 && text.back() == '/') text.remove_suffix(1);
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == '%') {
      if (std::string why = append_decoded(text, at, out); !why.empty())
        return std::unexpected(why);
      at += 2;
    } else if (std::string why = why_not_raw(c); !why.empty()) {
      return std::unexpected(why);
    } else if (is_path_byte(c)) {
      out += static_cast<char>(c);
    } else {
      append_escape(out, c);
    }
  }
  if (std::string why = why_not_segments(out); !why.empty()) return std::unexpected(why);
  return out;
}

}  // namespace apim::compile
