#include "import/gather.h"

#include <cassert>
#include <iterator>

namespace apim::import {

void Gather::take(model::FieldReport& report) {
  std::move(report.findings.begin(), report.findings.end(), std::back_inserter(findings));
  std::move(report.warnings.begin(), report.warnings.end(), std::back_inserter(warnings));
  report.findings.clear();
  report.warnings.clear();
}

void Gather::take_problem(model::Problem problem) {
  if (problem.findings.empty()) {
    findings.push_back({problem.message, problem.description});
    return;
  }
  std::move(problem.findings.begin(), problem.findings.end(), std::back_inserter(findings));
}

model::Problem Gather::problem() {
  assert(!findings.empty());
  return model::invalid(900754, "The project is not valid", std::move(findings));
}

}  // namespace apim::import
