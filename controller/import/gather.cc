#include "import/gather.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <iterator>
#include <map>

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

model::Problem Gather::problem(const std::string& message) {
  assert(!findings.empty());
  sort_by_line(findings);
  return model::invalid(900754, message, std::move(findings));
}

void sort_by_line(std::vector<model::Finding>& findings) {
  std::map<std::string, size_t> files;  // in the order they appear
  std::vector<std::pair<std::pair<size_t, unsigned long>, model::Finding>> placed;
  for (model::Finding& finding : findings) {
    const size_t colon = finding.where.find(':');
    const std::string file = finding.where.substr(0, colon);
    const size_t rank = files.try_emplace(file, files.size()).first->second;
    unsigned long line = 0;
    if (colon != std::string::npos) {
      const char* const begin = finding.where.data() + colon + 1;
      std::from_chars(begin, finding.where.data() + finding.where.size(), line);
    }
    placed.emplace_back(std::pair(rank, line), std::move(finding));
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  findings.clear();
  for (auto& [place, finding] : placed) findings.push_back(std::move(finding));
}

}  // namespace apim::import
