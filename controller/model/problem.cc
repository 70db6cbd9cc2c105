#include "model/problem.h"

#include <cassert>
#include <nlohmann/json.hpp>

namespace apim::model {
namespace {

// A finding quotes input, sometimes cut in the middle of a character, which JSON cannot carry.
std::string whole(const std::string& text) {
  using nlohmann::json;
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::ignore));
}

}  // namespace

Problem bad_request(int code, std::string message, std::string description) {
  return {.http_status = 400,
          .code = code,
          .message = std::move(message),
          .description = std::move(description)};
}

Problem not_found(int code, const std::string& what) {
  return {.http_status = 404,
          .code = code,
          .message = "Not found",
          .description = what + " does not exist"};
}

Problem conflict(int code, std::string message, std::string description) {
  return {.http_status = 409,
          .code = code,
          .message = std::move(message),
          .description = std::move(description)};
}

Problem forbidden(std::string description) {
  return {.http_status = 403,
          .code = 403,
          .message = "Forbidden",
          .description = std::move(description)};
}

Problem unauthorized(std::string description) {
  return {.http_status = 401,
          .code = 401,
          .message = "Unauthorized",
          .description = std::move(description)};
}

Problem internal_error(std::string description) {
  return {.http_status = 500,
          .code = 900967,
          .message = "Internal server error",
          .description = std::move(description)};
}

Problem invalid(int code, std::string message, std::vector<Finding> findings) {
  assert(!findings.empty());
  std::string description;
  for (Finding& finding : findings) {
    finding.where = whole(finding.where);
    finding.message = whole(finding.message);
    if (!description.empty()) description += "; ";
    if (!finding.where.empty()) description += finding.where + " ";
    description += finding.message;
  }
  return {.http_status = 400,
          .code = code,
          .message = std::move(message),
          .description = std::move(description),
          .findings = std::move(findings)};
}

}  // namespace apim::model
