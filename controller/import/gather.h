// Gather: findings and warnings of every part of a project, so that one reading names them all.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/api.h"
#include "model/field.h"
#include "model/problem.h"

namespace apim::import {

struct Gather {
  std::vector<model::Finding> findings = {};
  std::vector<model::Warning> warnings = {};

  void refuse(std::string where, std::string message) {
    findings.push_back({std::move(where), std::move(message)});
  }
  void warn(std::string field, std::string message) {
    warnings.push_back({std::move(field), std::move(message)});
  }
  // Takes over what a report has noted.
  void take(model::FieldReport& report);
  // The value; or nothing, its findings taken over.
  template <class T>
  std::optional<T> take(model::Result<T> result) {
    if (result.has_value()) return std::move(*result);
    take_problem(std::move(result.error()));
    return std::nullopt;
  }
  // In the order of each file's lines. Precondition: there are findings.
  model::Problem problem(const std::string& message = "The project is not valid");

 private:
  void take_problem(model::Problem problem);
};

// "api.yaml:9: ..." before "api.yaml:14: ..."; what has no line keeps its place, files theirs.
void sort_by_line(std::vector<model::Finding>& findings);

}  // namespace apim::import
