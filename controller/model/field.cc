#include "model/field.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace apim::model {
namespace {

constexpr size_t kItemsMax = 20'000;

const nlohmann::json kAbsent;

bool equals_without_case(const std::string& text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

// Whole text a number?
bool parse_number(const std::string& text, uint64_t& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && stop == text.data() + text.size();
}

bool parse_fraction(const std::string& text, double& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && stop == text.data() + text.size() && std::isfinite(number);
}

std::string escaped(const std::string& key) {
  std::string result;
  for (const char c : key) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

bool has_control(const std::string& text, bool many_lines) {
  return std::any_of(text.begin(), text.end(), [&](char c) {
    if (many_lines && (c == '\n' || c == '\r' || c == '\t')) return false;
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

}  // namespace

std::string FieldReport::place_of(const std::string& pointer) const {
  const std::string place = dotted(pointer);
  if (root_.empty() || place.empty()) return root_ + place;
  return root_ + (place.starts_with('[') ? "" : ".") + place;
}

void FieldReport::refuse(const std::string& pointer, const std::string& message) {
  const std::string line = locator_ == nullptr ? "" : locator_->locate(pointer);
  findings.push_back({line + place_of(pointer), message});
}

void FieldReport::warn(const std::string& pointer, const std::string& message) {
  warnings.push_back({place_of(pointer), message});
}

Field Field::operator[](const std::string& key) const {
  const std::string pointer = pointer_ + "/" + escaped(key);
  if (value_ == nullptr || !value_->is_object()) return {nullptr, pointer, *report_};
  const auto found = value_->find(key);
  return {found == value_->end() ? nullptr : &*found, pointer, *report_};
}

bool Field::present() const { return value_ != nullptr && !value_->is_null(); }
bool Field::is_object() const { return present() && value_->is_object(); }
bool Field::is_array() const { return present() && value_->is_array(); }
bool Field::is_text() const { return present() && value_->is_string(); }
const nlohmann::json& Field::value() const { return value_ == nullptr ? kAbsent : *value_; }

void Field::refuse_type(const char* wanted) const {
  refuse(fmt::format("must be {}, not {}", wanted, shown(*value_)));
}

std::string Field::text(const std::string& fallback, const TextBounds& bounds) const {
  if (!present()) return fallback;
  if (!value_->is_string() && !value_->is_number()) {
    refuse_type(value_->is_boolean() ? "text (put it into quotes)" : "text");
    return fallback;
  }
  const std::string text = value_->is_string() ? value_->get<std::string>() : value_->dump();
  if (text.size() < bounds.bytes_min) {
    refuse("must not be empty");
    return fallback;
  }
  if (text.size() > bounds.bytes_max) {
    refuse(fmt::format("is {} bytes long; at most {} are allowed", text.size(), bounds.bytes_max));
    return fallback;
  }
  if (has_control(text, bounds.many_lines)) {
    refuse("holds a control character (NUL, line break, ...)");
    return fallback;
  }
  return text;
}

bool Field::flag(bool fallback) const {
  if (!present()) return fallback;
  if (value_->is_boolean()) return value_->get<bool>();
  if (value_->is_string()) {
    const auto& text = value_->get_ref<const std::string&>();
    if (equals_without_case(text, "true")) return true;
    if (equals_without_case(text, "false")) return false;
    if (text.empty()) return fallback;
  }
  refuse_type("true or false");
  return fallback;
}

uint64_t Field::number(uint64_t fallback, uint64_t min, uint64_t max) const {
  if (!present()) return fallback;
  uint64_t number = 0;
  const bool negative =
      value_->is_number_integer() && !value_->is_number_unsigned() && value_->get<int64_t>() < 0;
  if (value_->is_number_integer() && !negative) {
    number = value_->get<uint64_t>();
  } else if (!value_->is_string() || !parse_number(value_->get<std::string>(), number)) {
    refuse_type("a whole number that is not negative");
    return fallback;
  }
  if (number < min || number > max) {
    refuse(fmt::format("is {}, which is not within {} to {}", number, min, max));
    return fallback;
  }
  return number;
}

uint64_t Field::rounded(uint64_t fallback, uint64_t max) const {
  assert(max < (uint64_t{1} << 53));
  if (!present() || (value_->is_string() && value_->get_ref<const std::string&>().empty())) {
    return fallback;
  }
  return static_cast<uint64_t>(
      std::llround(fraction(static_cast<double>(fallback), 0, static_cast<double>(max))));
}

double Field::fraction(double fallback, double min, double max) const {
  if (!present() || (value_->is_string() && value_->get_ref<const std::string&>().empty())) {
    return fallback;
  }
  double number = 0;
  if (value_->is_number()) {
    number = value_->get<double>();
  } else if (!value_->is_string() || !parse_fraction(value_->get<std::string>(), number)) {
    refuse_type("a number");
    return fallback;
  }
  if (!(number >= min && number <= max)) {
    refuse(fmt::format("is {}, which is not within {} to {}", number, min, max));
    return fallback;
  }
  return number;
}

std::vector<std::string> Field::texts(const std::vector<std::string>& fallback,
                                      const TextBounds& bounds) const {
  if (!present()) return fallback;
  std::vector<std::string> result;
  for (const Field& item : items()) {
    if (!item.present()) {
      item.refuse("is empty");
    } else {
      result.push_back(item.text("", bounds));
    }
  }
  return result;
}

std::vector<Field> Field::items() const {
  std::vector<Field> result;
  if (!present()) return result;
  if (!value_->is_array()) {
    refuse_type("a list");
    return result;
  }
  if (value_->size() > kItemsMax) {
    refuse(fmt::format("has {} items; at most {} are allowed", value_->size(), kItemsMax));
    return result;
  }
  for (size_t i = 0; i < value_->size(); ++i) {
    result.push_back({&(*value_)[i], fmt::format("{}/{}", pointer_, i), *report_});
  }
  return result;
}

std::vector<std::pair<std::string, Field>> Field::members() const {
  std::vector<std::pair<std::string, Field>> result;
  if (!present()) return result;
  if (!value_->is_object()) {
    refuse_type("an object (names and values)");
    return result;
  }
  for (const auto& [key, value] : value_->items()) {
    result.emplace_back(key, Field(&value, pointer_ + "/" + escaped(key), *report_));
  }
  return result;
}

std::string dotted(const std::string& pointer) {
  std::string result;
  size_t begin = 0;
  while (begin < pointer.size()) {
    const size_t end = std::min(pointer.find('/', begin + 1), pointer.size());
    const std::string part = pointer.substr(begin + 1, end - begin - 1);
    const bool index = !part.empty() && std::all_of(part.begin(), part.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
    if (index) {
      result += "[" + part + "]";
    } else {
      if (!result.empty()) result += ".";
      for (size_t i = 0; i < part.size(); ++i) {
        if (part[i] == '~' && i + 1 < part.size()) {
          result += part[++i] == '1' ? '/' : '~';
        } else {
          result += part[i];
        }
      }
    }
    begin = end;
  }
  return result;
}

std::string shown(const std::string& text) {
  std::string result = "'";
  for (const char c : text.substr(0, 80)) {
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  // A cut within a multi-byte character would not be UTF-8 any more.
  while (text.size() > 80 && (static_cast<unsigned char>(result.back()) & 0xC0) == 0x80)
    result.pop_back();
  if (text.size() > 80 && static_cast<unsigned char>(result.back()) >= 0xC0) result.pop_back();
  return result + (text.size() > 80 ? "...'" : "'");
}

std::string shown(const nlohmann::json& value) {
  if (value.is_string()) return shown(value.get_ref<const std::string&>());
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  return value.dump();
}

std::string one_of(const std::vector<std::string>& choices) {
  std::string result;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) result += i + 1 == choices.size() ? " or " : ", ";
    result += choices[i];
  }
  return result;
}

}  // namespace apim::model
