// Project: what must hold of anything the import rooms answer.

#pragma once

#include <cassert>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "import/export.h"
#include "import/project.h"
#include "model/api_codec.h"
#include "model/problem.h"

namespace apim::fuzz {

// People read it, and it travels as JSON.
inline void check_shown(const std::string& text) {
  for (const char c : text) assert(c != '\0');
  const nlohmann::json value = text;
  const std::string strict = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  assert(strict == value.dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore));
}

inline void check_problem(const model::Problem& problem) {
  assert(problem.http_status >= 400);
  assert(problem.http_status < 500);
  assert(!problem.message.empty());
  check_shown(problem.message);
  check_shown(problem.description);
  for (const model::Finding& finding : problem.findings) {
    assert(!finding.message.empty());
    check_shown(finding.where);
    check_shown(finding.message);
  }
}

// Beside the assertion that fails after it: why what we wrote is refused.
inline void show(const model::Problem& problem) {
  std::fprintf(stderr, "%s: %s\n", problem.message.c_str(), problem.description.c_str());
  for (const model::Finding& finding : problem.findings)
    std::fprintf(stderr, "  %s: %s\n", finding.where.c_str(), finding.message.c_str());
}

// What was accepted can be exported, and is imported to the same API.
inline void check_comes_back(const import::Project& project) {
  assert(!project.api.name.empty());
  assert(!project.api.version.empty());
  assert(project.api.context.starts_with('/'));
  for (const auto format : {import::Format::Yaml, import::Format::Json}) {
    const auto files = import::write_project(project.api, project.deployments, format);
    assert(files.has_value());
    const auto back = import::read_project(*files);
    if (!back) show(back.error());
    assert(back.has_value());
    assert(model::write_api(back->api) == model::write_api(project.api));
    assert(back->api.definition == project.api.definition);
  }
}

}  // namespace apim::fuzz
