// Multipart: the parts of a multipart/form-data body (RFC 7578), as apictl and curl send it. Pure,
// bounded.

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/problem.h"

namespace apim::rest {

struct Part {
  std::string file_name;  // as sent; never used as a path
  std::string type;
  std::string content;
};

using Parts = std::map<std::string, Part>;  // by field name; a name stands once

// `content_type` is the whole header value. 400 says what is wrong, 415 when it is not
// multipart/form-data.
model::Result<Parts> parse_multipart(const std::string& content_type, std::string_view body);

}  // namespace apim::rest
