// Problem: why the controller refused, for people and for programs.

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace apim::model {

// One finding inside a document: where and what, and what to do about it.
struct Finding {
  std::string where;    // "api.yaml:14: data.endpointConfig.production_endpoints.url" or "" when it
                        // is the whole
  std::string message;  // "is not a URL: 'htp:/x'; use http:// or https://"
};

// `code` and `http_status` follow WSO2's management REST (ExceptionCodes); reference: the error
// body {code, message, description, moreInfo, error:[{code, message}]}.
struct Problem {
  int http_status = 500;
  int code = 900967;
  std::string message;                 // "The API context already exists"
  std::string description;             // with the names involved
  std::vector<Finding> findings = {};  // every one found, not only the first
};

template <class T>
using Result = std::expected<T, Problem>;

inline std::unexpected<Problem> refuse(Problem problem) {
  return std::unexpected(std::move(problem));
}

// The usual problems. `what` names the thing: "API 'pizza' 1.0.0".
Problem bad_request(int code, std::string message, std::string description);  // 400
Problem not_found(int code, const std::string& what);                         // 404
Problem conflict(int code, std::string message, std::string description);     // 409
Problem forbidden(std::string description);                                   // 403
Problem unauthorized(std::string description);                                // 401
Problem internal_error(std::string description);                              // 500, 900967
// 400 with every finding listed in description and error[]. Precondition: !findings.empty().
Problem invalid(int code, std::string message, std::vector<Finding> findings);

#define APIM_MODEL_JOIN_(a, b) a##b
#define APIM_MODEL_JOIN(a, b) APIM_MODEL_JOIN_(a, b)
#define ASSIGN_OR_REFUSE(declaration, expression) \
  ASSIGN_OR_REFUSE_(declaration, expression, APIM_MODEL_JOIN(result_of_line_, __LINE__))
#define ASSIGN_OR_REFUSE_(declaration, expression, result)                    \
  auto result = (expression);                                                 \
  if (!result.has_value()) return std::unexpected(std::move(result.error())); \
  declaration = std::move(*result)
#define CHECK_OR_REFUSE(expression)                          \
  do {                                                       \
    if (auto checked_ = (expression); !checked_.has_value()) \
      return std::unexpected(std::move(checked_.error()));   \
  } while (false)

}  // namespace apim::model
