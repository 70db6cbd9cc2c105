#include "compile/report.h"

#include <fmt/format.h>

namespace apim::compile {
namespace {

std::string line_of(const Finding& finding) {
  if (finding.where.empty()) return finding.message;
  return fmt::format("{}: {}", finding.where, finding.message);
}

}  // namespace

std::string to_text(const Report& report) {
  std::string out;
  for (const Quarantine& quarantine : report.quarantined) {
    for (const Finding& finding : quarantine.findings) {
      out += fmt::format("API '{}' (number {}) is not served: {}\n", quarantine.api,
                         quarantine.api_id, line_of(finding));
    }
  }
  for (const Finding& finding : report.findings) out += line_of(finding) + "\n";
  return out;
}

}  // namespace apim::compile
