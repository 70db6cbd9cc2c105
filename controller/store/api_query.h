// ApiQuery: WSO2's search text ("name:pizza status:PUBLISHED free words") as an SQL condition.

#pragma once

#include <string>

#include "store/rows.h"

namespace apim::store {

// Over am_api. A quoted value ("name:\"Pizza Shack\"") is the whole value, '*' stands for any run,
// else name, context, provider, description and free words match anywhere, version, status and tag
// as a whole; never with regard to case. All parts must hold. 400 for a key there is none of.
Result<rows::Where> parse_api_query(const std::string& query);

}  // namespace apim::store
