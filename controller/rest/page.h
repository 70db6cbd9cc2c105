// Page: WSO2's pagination: `?limit=25&offset=0` in, {count, list, pagination} out.

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "model/problem.h"
#include "rest/router.h"
#include "store/page.h"

namespace apim::rest {

constexpr uint32_t kPageMax = 1'000;

// 400 when limit is not 1 to 1000 or offset not a number.
model::Result<store::Page> read_page(const Request& request);

// `list` is the window; next and previous are relative to the base, "" at the ends.
Answer page_answer(const Call& call, const store::Page& page, nlohmann::json list, uint64_t total);
// A list that is never cut: {count, list}.
Answer list_answer(nlohmann::json list);

// A number of the query, or `otherwise` when it is absent. 400 names the parameter.
model::Result<uint64_t> read_number(const Request& request, const std::string& name,
                                    uint64_t otherwise);
// 400 unless "true", "false" or absent.
model::Result<bool> read_flag(const Request& request, const std::string& name, bool otherwise);
// 400 when it is absent or empty.
model::Result<std::string> read_required(const Request& request, const std::string& name);

}  // namespace apim::rest
