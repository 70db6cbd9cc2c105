// DefinedOperations: a definition's operations as the `operations` list of an API document.

#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "import/definition.h"
#include "import/tree.h"

namespace apim::import {

// With x-auth-type, x-throttling-tier, x-scope, x-wso2-disable-security and the scopes of
// `security`.
nlohmann::json operations_document(const Definition& definition);

// Makes `locator` find the list's items (at `pointer`, "/operations") in the definition. The
// definition must live as long as the locator.
void locate_operations(const Definition& definition, const std::string& pointer,
                       TreeLocator& locator);

// The scopes the definition names, as the `scopes` list of an API document.
nlohmann::json scopes_document(const Definition& definition);

}  // namespace apim::import
