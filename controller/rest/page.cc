#include "rest/page.h"

#include <fmt/format.h>

#include <charconv>

#include "rest/target.h"

namespace apim::rest {
namespace {

constexpr int kCodeBadParameter = 900700;

auto refused(const std::string& name, const std::string& why) {
  return model::refuse(model::bad_request(kCodeBadParameter, "A query parameter is not valid",
                                          fmt::format("{} {}", name, why)));
}

std::string link_to(const Call& call, const store::Page& page, uint64_t offset) {
  std::string path(call.route.pattern);
  for (const std::string& parameter : call.parameters) {
    const size_t open = path.find('{');
    path.replace(open, path.find('}') - open + 1, percent_encode(parameter));
  }
  std::string link = fmt::format("{}?limit={}&offset={}", path, page.limit, offset);
  for (const auto& [name, value] : call.request.query)
    if (name != "limit" && name != "offset")
      link += fmt::format("&{}={}", percent_encode(name), percent_encode(value));
  return link;
}

}  // namespace

model::Result<uint64_t> read_number(const Request& request, const std::string& name,
                                    uint64_t otherwise) {
  const std::string& text = request.parameter(name);
  if (text.empty()) return otherwise;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return refused(name, fmt::format("must be a whole number, is '{}'", text));
  return number;
}

model::Result<bool> read_flag(const Request& request, const std::string& name, bool otherwise) {
  const std::string& text = request.parameter(name);
  if (text.empty()) return otherwise;
  if (text == "true") return true;
  if (text == "false") return false;
  return refused(name, fmt::format("must be true or false, is '{}'", text));
}

model::Result<std::string> read_required(const Request& request, const std::string& name) {
  const std::string& text = request.parameter(name);
  if (text.empty()) return refused(name, "is missing");
  return text;
}

model::Result<store::Page> read_page(const Request& request) {
  ASSIGN_OR_REFUSE(const uint64_t limit, read_number(request, "limit", 25));
  ASSIGN_OR_REFUSE(const uint64_t offset, read_number(request, "offset", 0));
  if (limit < 1 || limit > kPageMax)
    return refused("limit", fmt::format("must be 1 to {}, is {}", kPageMax, limit));
  if (offset > INT32_MAX)
    return refused("offset", fmt::format("must be at most {}, is {}", INT32_MAX, offset));
  return store::Page{static_cast<uint32_t>(limit), static_cast<uint32_t>(offset)};
}

Answer page_answer(const Call& call, const store::Page& page, nlohmann::json list, uint64_t total) {
  const uint64_t after = uint64_t{page.offset} + page.limit;
  const std::string next = after < total ? link_to(call, page, after) : "";
  const std::string previous =
      page.offset == 0
          ? ""
          : link_to(call, page, page.offset > page.limit ? page.offset - page.limit : 0);
  return json_answer({{"count", list.size()},
                      {"list", std::move(list)},
                      {"pagination",
                       {{"offset", page.offset},
                        {"limit", page.limit},
                        {"total", total},
                        {"next", next},
                        {"previous", previous}}}});
}

Answer list_answer(nlohmann::json list) {
  const size_t count = list.size();
  return json_answer({{"count", count}, {"list", std::move(list)}});
}

}  // namespace apim::rest
