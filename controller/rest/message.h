// Message: a request and an answer of the controller's REST, without the web server that carries
// them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/problem.h"

namespace apim::rest {

struct Request {
  std::string method;                          // "GET"
  std::vector<std::string> path;               // decoded segments; rest/target.h
  std::map<std::string, std::string> query;    // decoded; a name stands once
  std::map<std::string, std::string> headers;  // names in lower case; a name stands once
  std::string address;                         // the client's
  std::string body;

  // "" when it is not there.
  const std::string& header(const std::string& lower_case_name) const;
  const std::string& parameter(const std::string& name) const;
};

struct Answer {
  int status = 200;
  std::string type = "application/json";  // "" when there is no body
  std::string body;
  std::map<std::string, std::string> headers;
};

Answer json_answer(const nlohmann::json& body, int status = 200);
Answer empty_answer(int status = 200);
// WSO2's error body: {code, message, description, moreInfo, error: [{code, message}]}.
Answer problem_answer(const model::Problem& problem);

// The body as a JSON object or array. 400 names the byte; nesting is bounded.
model::Result<nlohmann::json> parse_json(const std::string& text);

}  // namespace apim::rest
