// Field: one place in a JSON document, read with its type checked and every fault noted.
//
// A Field may be absent; then every reader gives its fallback. Null counts as absent, as WSO2
// treats it. Numbers are also taken from text of digits and switches from "true" and "false":
// exports quote them. Reading goes on after a fault, so that one pass finds them all.

#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/api.h"
#include "model/api_codec.h"
#include "model/problem.h"

namespace apim::model {

// Where findings and warnings are gathered. With a locator and the root "data" the places read
// "api.yaml:14: data.context", without both "context".
class FieldReport {
 public:
  explicit FieldReport(const Locator* locator_or_null, std::string root = "")
      : locator_(locator_or_null), root_(std::move(root)) {}

  void refuse(const std::string& pointer, const std::string& message);
  void warn(const std::string& pointer, const std::string& message);

  std::vector<Finding> findings;
  std::vector<Warning> warnings;

 private:
  std::string place_of(const std::string& pointer) const;

  const Locator* locator_;
  std::string root_;
};

struct TextBounds {
  size_t bytes_min = 0;
  size_t bytes_max = 32'766;
  bool many_lines = false;  // line breaks and tabs allowed
};

class Field {
 public:
  Field(const nlohmann::json& value, FieldReport& report) : value_(&value), report_(&report) {}

  Field operator[](const std::string& key) const;
  bool present() const;  // there, and not null
  bool is_object() const;
  bool is_array() const;
  bool is_text() const;
  const nlohmann::json& value() const;  // null when absent
  const std::string& pointer() const { return pointer_; }

  // Each refuses a value of another type or out of bounds, and gives the fallback then and when
  // absent.
  std::string text(const std::string& fallback, const TextBounds& bounds = {}) const;
  bool flag(bool fallback) const;
  uint64_t number(uint64_t fallback, uint64_t min, uint64_t max) const;
  // "" counts as absent; a fraction is rounded (WSO2 writes "30000.0").
  uint64_t rounded(uint64_t fallback, uint64_t max) const;
  double fraction(double fallback, double min, double max) const;
  std::vector<std::string> texts(const std::vector<std::string>& fallback,
                                 const TextBounds& bounds = {}) const;
  // The items of an array, the members' values of an object. Empty when absent.
  std::vector<Field> items() const;
  std::vector<std::pair<std::string, Field>> members() const;

  void refuse(const std::string& message) const { report_->refuse(pointer_, message); }
  void warn(const std::string& message) const { report_->warn(pointer_, message); }

 private:
  Field(const nlohmann::json* value_or_null, std::string pointer, FieldReport& report)
      : value_(value_or_null), pointer_(std::move(pointer)), report_(&report) {}
  void refuse_type(const char* wanted) const;

  const nlohmann::json* value_;
  std::string pointer_;
  FieldReport* report_;
};

// "/operations/0/verb" -> "operations[0].verb".
std::string dotted(const std::string& pointer);

// A value as a finding shows it: "'abc'", "12", "a list"; long text is cut.
std::string shown(const nlohmann::json& value);
std::string shown(const std::string& text);

// "HTTP, WS or SSE".
std::string one_of(const std::vector<std::string>& choices);

}  // namespace apim::model
