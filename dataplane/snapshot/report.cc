#include "snapshot/report.h"

#include <fmt/format.h>

namespace apim::snapshot {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::string to_json(const GatewayReport& report) {
  return fmt::format(
      R"({{"id":{},"environment":{},"version":{},"pid":{},"host":{},"workers":{},"state":"{}","ep)"
      R"(och":{},)"
      R"("adopted_ms":{},"refused_epoch":{},"refused_reason":{},"started_ms":{},"seen_ms":{},"api)"
      R"(s":{},"keys":{}}})"
      "\n",
      quoted(report.id), quoted(report.environment), quoted(report.version), report.pid,
      quoted(report.host), report.workers, report.epoch == 0 ? "starting" : "serving", report.epoch,
      report.adopted_ms, report.refused_epoch, quoted(report.refused_reason), report.started_ms,
      report.seen_ms, report.apis, report.keys);
}

}  // namespace apim::snapshot
