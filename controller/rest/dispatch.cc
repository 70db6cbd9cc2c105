#include "rest/dispatch.h"

#include <fmt/format.h>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <cctype>

#include "rest/target.h"
#include "store/transaction.h"

namespace apim::rest {
namespace {

using model::Problem;
using model::Result;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Problem problem(int status, int code, std::string message, std::string description) {
  return {.http_status = status,
          .code = code,
          .message = std::move(message),
          .description = std::move(description)};
}

// "application/json; charset=utf-8" -> "application/json"
std::string media_type(const std::string& header) {
  std::string type = lower(header.substr(0, header.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

Result<void> check_content_type(const Request& request, Body body) {
  const std::string type = media_type(request.header("content-type"));
  if (body == Body::Json || body == Body::Optional) {
    if (type == "application/json" || (body == Body::Optional && type.empty())) return {};
    return model::refuse(problem(415, 900415, "Unsupported media type",
                                 fmt::format("send application/json, not '{}'", type)));
  }
  if (body == Body::Form && type != "multipart/form-data")
    return model::refuse(problem(415, 900415, "Unsupported media type",
                                 fmt::format("send multipart/form-data, not '{}'", type)));
  return {};
}

// Whatever else is served, every route can answer in JSON.
Result<void> check_accept(const Request& request) {
  const std::string& accept = request.header("accept");
  if (accept.empty()) return {};
  for (const char* type : {"*/*", "application/", "text/", "application/json"})
    if (lower(accept).find(type) != std::string::npos) return {};
  return model::refuse(problem(406, 900406, "Not acceptable",
                               fmt::format("answers are application/json, not '{}'", accept)));
}

// A browser sends Origin with what a page of another site makes it do; apimctl and curl do not.
Result<void> check_origin(const Request& request) {
  const std::string& origin = request.header("origin");
  if (origin.empty() || request.method == "GET" || request.method == "HEAD") return {};
  const size_t scheme = origin.find("://");
  if (scheme != std::string::npos &&
      lower(origin.substr(scheme + 3)) == lower(request.header("host")))
    return {};
  return model::refuse(model::forbidden(
      fmt::format("requests from the origin '{}' may not change anything", origin)));
}

bool is_change(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

std::string etag_of(const Answer& answer) {
  std::array<unsigned char, 16> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(answer.body.data()), answer.body.size(),
                     nullptr, 0);
  std::string tag = "\"";
  for (const unsigned char byte : digest) tag += fmt::format("{:02x}", byte);
  return tag + "\"";
}

bool names(const std::string& header, const std::string& etag) {
  return header == "*" || header.find(etag) != std::string::npos;
}

Answer options_answer(const std::string& allowed) {
  Answer answer = empty_answer(204);
  answer.headers["Allow"] = allowed;
  return answer;
}

Answer refusal(const Problem& why) {
  if (why.http_status >= 500)
    spdlog::error("request_failed code={} why={}", why.code, why.description);
  Answer answer = problem_answer(why);
  if (why.http_status == 401)
    answer.headers["WWW-Authenticate"] = "Basic realm=\"apim\", charset=\"UTF-8\"";
  if (why.http_status == 429 || why.http_status == 503) answer.headers["Retry-After"] = "1";
  return answer;
}

}  // namespace

Answer changed_answer(Answer answer, uint64_t epoch) {
  answer.headers["Apim-Epoch"] = std::to_string(epoch);
  return answer;
}

Dispatch::Dispatch(service::Context& context, service::Login& login, const Router& router,
                   DispatchSettings settings)
    : context_(context), login_(login), router_(router), settings_(settings) {}

Result<model::Caller> Dispatch::identify(const Request& request) const {
  const std::string& header = request.header("authorization");
  if (header.empty())
    return model::refuse(model::unauthorized("send the user name and password as HTTP Basic"));
  if (!lower(header.substr(0, 6)).starts_with("basic "))
    return model::refuse(model::unauthorized("only HTTP Basic is understood"));
  std::string text(header.size(), '\0');
  size_t size = 0;
  const char* end = nullptr;
  const char* start = header.data() + 6;
  const int decoded =
      sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), start,
                        header.size() - 6, " ", &size, &end, sodium_base64_VARIANT_ORIGINAL);
  text.resize(size);
  const size_t colon = text.find(':');
  if (decoded != 0 || end != header.data() + header.size() || colon == std::string::npos)
    return model::refuse(
        model::unauthorized("the Authorization header is not base64 of user:password"));
  return login_.verify({text.substr(0, colon), text.substr(colon + 1), request.address});
}

Result<Admission> Dispatch::admit(Head head) const {
  ASSIGN_OR_REFUSE(Target target, parse_target(head.target));
  Admission admission;
  admission.found = router_.find(head.method, target.path);
  const Route* route = admission.found.route;
  if (route == nullptr) {
    if (admission.found.allowed.empty())
      return model::refuse(problem(
          404, 404, "Not found",
          fmt::format("nothing is served at '{}'", head.target.substr(0, head.target.find('?')))));
    return model::refuse(problem(405, 405, "Method not allowed",
                                 fmt::format("allowed here: {}", admission.found.allowed)));
  }
  admission.request.method = head.method;
  admission.request.path = std::move(target.path);
  admission.request.query = std::move(target.query);
  admission.request.headers = std::move(head.headers);
  admission.request.address = std::move(head.address);
  const Request& request = admission.request;
  if (route->permission.needs_login()) {
    ASSIGN_OR_REFUSE(admission.caller, identify(request));
    CHECK_OR_REFUSE(service::permit(admission.caller, route->permission));
  }
  CHECK_OR_REFUSE(check_origin(request));
  CHECK_OR_REFUSE(check_accept(request));
  CHECK_OR_REFUSE(check_content_type(request, route->body));
  const bool is_form = route->body == Body::Form;
  admission.body_bytes_max = route->body == Body::None ? 0
                             : is_form                 ? settings_.form_bytes_max
                                                       : settings_.json_bytes_max;
  return admission;
}

std::variant<Answer, Admission> Dispatch::begin(Head head) const {
  const std::string method = head.method;
  const std::string target = head.target;
  if (method == "OPTIONS") {
    const auto parsed = parse_target(target);
    if (!parsed.has_value()) return refusal(parsed.error());
    const Router::Found found = router_.find("OPTIONS", parsed->path);
    if (!found.allowed.empty()) return options_answer(found.allowed);
  }
  auto admitted = admit(std::move(head));
  if (admitted.has_value()) return std::move(*admitted);
  Answer answer = refusal(admitted.error());
  if (admitted.error().http_status == 405) {
    const auto parsed = parse_target(target);
    answer.headers["Allow"] = router_.find(method, parsed->path).allowed;
  }
  return answer;
}

// If-Match: compared with what GET of the same path answers now.
Result<void> Dispatch::check_precondition(const Admission& admission) const {
  const std::string& wanted = admission.request.header("if-match");
  if (wanted.empty() || !is_change(admission.request.method)) return {};
  const Router::Found found = router_.find("GET", admission.request.path);
  if (found.route == nullptr) return {};
  const Call call{admission.request, admission.caller, found.parameters, *found.route};
  ASSIGN_OR_REFUSE(const Answer current, found.route->handler(context_, call));
  if (names(wanted, etag_of(current))) return {};
  return model::refuse(problem(412, 900412, "Precondition failed",
                               "it was changed by somebody else in the meantime; read it again"));
}

Result<Answer> Dispatch::run(const Admission& admission) const {
  CHECK_OR_REFUSE(check_precondition(admission));
  const Route& route = *admission.found.route;
  const Call call{admission.request, admission.caller, admission.found.parameters, route};
  return route.handler(context_, call);
}

Answer Dispatch::finish(Admission admission, std::string body) const {
  assert(admission.found.route != nullptr);
  assert(body.size() <= admission.body_bytes_max);
  admission.request.body = std::move(body);
  auto answered = run(admission);
  if (!answered.has_value()) return refusal(answered.error());
  Answer answer = std::move(*answered);
  const bool is_read = !is_change(admission.request.method);
  if (is_read && answer.status == 200) {
    const std::string etag = etag_of(answer);
    if (names(admission.request.header("if-none-match"), etag)) answer = empty_answer(304);
    answer.headers["ETag"] = etag;
  }
  // Every state change says from which epoch on gateways know it, also those that gateways do not
  // care about.
  if (!is_read && !answer.headers.contains("Apim-Epoch")) {
    const auto epoch = context_.store.read([](store::Transaction& tx) { return tx.epoch(); });
    if (epoch.has_value()) answer.headers["Apim-Epoch"] = std::to_string(*epoch);
  }
  return answer;
}

Answer Dispatch::too_large(size_t bytes_max) {
  return problem_answer(problem(413, 900413, "Payload too large",
                                fmt::format("the body may have {} bytes here", bytes_max)));
}

}  // namespace apim::rest
