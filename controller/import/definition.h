// Definition: an OpenAPI 3.0/3.1 or Swagger 2.0 document, checked, and the operations it describes.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "import/gather.h"
#include "import/tree.h"
#include "model/problem.h"

namespace apim::import {

struct DefinedOperation {
  std::string target;   // "/order/{orderId}"
  std::string verb;     // "GET"
  std::string pointer;  // of the operation object: "/paths/~1order~1{orderId}/get"
  const nlohmann::ordered_json* value = nullptr;  // into the tree
};

struct Definition {
  Tree tree;
  bool is_swagger2 = false;
  std::vector<DefinedOperation> operations = {};  // in the document's order

  const nlohmann::ordered_json& root() const { return tree.value; }
  // As it is kept: JSON, members in their order.
  std::string text() const;
};

// Only references within the document ("#/...") are allowed. Refuses with all findings. The views
// in `operations` stay valid when the Definition is moved, not when it is copied.
model::Result<Definition> read_definition(const std::string& text, const std::string& file);

// A member, or null. Never throws.
const nlohmann::ordered_json& member(const nlohmann::ordered_json& object, const std::string& key);

}  // namespace apim::import
