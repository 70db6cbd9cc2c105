#include "import/yaml_writer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "model/ascii.h"

namespace apim::import {
namespace {

using Json = nlohmann::ordered_json;

// Words some YAML reader takes for something else than text.
bool is_special_word(const std::string& text) {
  std::string lower = text;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  constexpr std::array<std::string_view, 10> kWords = {"true", "false", "null", "yes", "no",
                                                       "on",   "off",   "y",    "n",   "nan"};
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

// Without quotes: begins with a letter or '/', and has nothing that means something to YAML.
bool is_plain(const std::string& text) {
  if (text.empty() || text.size() > 120 || is_special_word(text)) return false;
  if (!model::is_letter(text.front()) && text.front() != '/') return false;
  if (text.back() == ' ' || text.back() == ':') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return model::is_letter(c) || (c >= '0' && c <= '9') ||
                              std::string_view("_-./:&() ").find(c) != std::string_view::npos;
                     }) &&
         text.find(": ") == std::string::npos;
}

std::string quoted(const Json& text) {
  std::string result = text.dump(-1, ' ', false, Json::error_handler_t::replace);
  // JSON lets DEL through; YAML does not.
  for (size_t at = result.find('\x7f'); at != std::string::npos; at = result.find('\x7f', at)) {
    result.replace(at, 1, "\\u007f");
  }
  return result;
}

std::string scalar(const Json& value) {
  if (value.is_array()) return "[]";
  if (value.is_object()) return "{}";
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  return is_plain(text) ? text : quoted(value);
}

bool is_block(const Json& value) { return value.is_structured() && !value.empty(); }

// A reader may give up on a key that it has to search for its ':' beyond 1,024 characters (YAML
// 1.2.2, 7.4.3 and 8.2.2); counted with a margin, in bytes, of which a character has at least one.
constexpr size_t kPlainKeyBytesMax = 1000;

// Depth is bounded by whoever made the value: trees and API documents are at most 64 deep.
void write(const Json& value, size_t indent, bool after_dash, std::string& out) {
  bool first = after_dash;  // the first line stands behind "- " already
  const auto start_line = [&] {
    if (!first) out.append(indent, ' ');
    first = false;
  };
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      start_line();
      const std::string name = scalar(key);
      const bool is_long = name.size() > kPlainKeyBytesMax;
      out += is_long ? "? " + name + "\n" + std::string(indent, ' ') + ":" : name + ":";
      if (is_block(member)) {
        out += "\n";
        // A list stands at the indent of its name.
        write(member, member.is_array() && !is_long ? indent : indent + 2, false, out);
      } else {
        out += " " + scalar(member) + "\n";
      }
    }
    return;
  }
  for (const Json& item : value) {
    start_line();
    out += "- ";
    if (is_block(item)) {
      write(item, indent + 2, true, out);
    } else {
      out += scalar(item) + "\n";
    }
  }
}

}  // namespace

std::string write_yaml(const Json& value) {
  if (!is_block(value)) return scalar(value) + "\n";
  std::string out;
  write(value, 0, false, out);
  return out;
}

}  // namespace apim::import
