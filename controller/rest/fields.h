// Fields: reads a JSON object's members by type and gathers every finding, so that one answer names
// them all.

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/problem.h"

namespace apim::rest {

// Unknown members are ignored, as WSO2 does. A null member counts as absent.
class Fields {
 public:
  // `object` outlives it. Anything but an object is one finding.
  explicit Fields(const nlohmann::json& object, std::string where = "");

  std::string required_text(const char* name);
  std::string text(const char* name, const std::string& otherwise = "");
  int64_t number(const char* name, int64_t otherwise);
  bool flag(const char* name, bool otherwise);
  std::vector<std::string> texts(const char* name);
  const nlohmann::json* object(const char* name);  // null when absent
  const nlohmann::json* array(const char* name);

  void fail(const std::string& name, const std::string& message);
  std::string place(const std::string& name) const;
  // Adds what another object's reading found.
  void absorb(Fields&& other);
  // 400 with everything found.
  model::Result<void> done(const std::string& message) const;

 private:
  const nlohmann::json* find(const char* name) const;

  const nlohmann::json& object_;
  std::string where_;
  std::vector<model::Finding> findings_;
};

}  // namespace apim::rest
