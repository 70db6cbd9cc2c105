#include "rest/message.h"

#include <fmt/format.h>

#include <cassert>

namespace apim::rest {
namespace {

constexpr size_t kDepthMax = 64;
constexpr int kCodeBadJson = 900700;

const std::string& value_of(const std::map<std::string, std::string>& values,
                            const std::string& name) {
  static const std::string kNone;
  const auto found = values.find(name);
  return found == values.end() ? kNone : found->second;
}

// Whether arrays and objects nest deeper than the parser may recurse into.
bool is_too_deep(const std::string& text) {
  size_t depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDepthMax) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

const std::string& Request::header(const std::string& lower_case_name) const {
  return value_of(headers, lower_case_name);
}

const std::string& Request::parameter(const std::string& name) const {
  return value_of(query, name);
}

Answer json_answer(const nlohmann::json& body, int status) {
  Answer answer;
  answer.status = status;
  answer.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return answer;
}

Answer empty_answer(int status) {
  Answer answer;
  answer.status = status;
  answer.type.clear();
  return answer;
}

Answer problem_answer(const model::Problem& problem) {
  assert(problem.http_status >= 400);
  nlohmann::json errors = nlohmann::json::array();
  for (const model::Finding& finding : problem.findings) {
    const std::string where = finding.where.empty() ? "" : finding.where + ": ";
    errors.push_back(
        {{"code", std::to_string(problem.code)}, {"message", where + finding.message}});
  }
  return json_answer({{"code", problem.code},
                      {"message", problem.message},
                      {"description", problem.description},
                      {"moreInfo", ""},
                      {"error", std::move(errors)}},
                     problem.http_status);
}

model::Result<nlohmann::json> parse_json(const std::string& text) {
  const auto refused = [](const std::string& why) {
    return model::refuse(model::bad_request(kCodeBadJson, "The body is not valid JSON", why));
  };
  if (text.empty()) return refused("the body is empty; send a JSON object");
  if (is_too_deep(text))
    return refused(fmt::format("arrays and objects nest deeper than {}", kDepthMax));
  try {
    auto json = nlohmann::json::parse(text);
    if (!json.is_object() && !json.is_array())
      return refused("the body must be an object or an array");
    return json;
  } catch (const nlohmann::json::exception& error) {
    std::string why =
        error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    if (const size_t end = why.find("] "); end != std::string::npos) why = why.substr(end + 2);
    return refused(why);
  }
}

}  // namespace apim::rest
