// YamlWriter: JSON as YAML for people: block style, the same value gives the same bytes, and what
// was text is text again when it is read.

#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace apim::import {

std::string write_yaml(const nlohmann::ordered_json& value);

}  // namespace apim::import
