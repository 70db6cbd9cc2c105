#include "cli/why_text.h"

#include <fmt/format.h>

#include "cli/command.h"

namespace apim::cli {
namespace {

using nlohmann::json;
using Lines = std::vector<std::string>;

// A member that is an object or a list; an empty one when it is neither.
json part(const json& object, const std::string& name) {
  if (!object.is_object() || !object.contains(name)) return json::object();
  return object[name].is_structured() ? object[name] : json::object();
}

bool flag(const json& object, const std::string& name) { return field(object, name) == "true"; }

int64_t number(const json& object, const std::string& name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

std::string joined(const json& list, const std::string& separator = ", ") {
  std::string text;
  for (const json& item : list) {
    if (!item.is_string()) continue;
    text += (text.empty() ? "" : separator) + item.get<std::string>();
  }
  return text;
}

Lines parse_lines(const json& step) {
  Lines lines;
  if (step.contains("method")) {
    lines.push_back(fmt::format("{} {}{} for host {}", field(step, "method"), field(step, "path"),
                                flag(step, "has_query") ? "?…" : "", field(step, "host")));
  }
  lines.push_back(
      fmt::format("client {} over {}", field(step, "client"), field(step, "transport")));
  return lines;
}

Lines match_lines(const json& step) {
  Lines lines;
  const std::string vhost = field(step, "vhost");
  if (vhost.empty()) {
    lines.push_back("no vhost has that name, and there is no default one");
  } else {
    const bool is_default = field(step, "vhost_by") == "default";
    lines.push_back(fmt::format("vhost {}{}", vhost,
                                is_default ? ", the default: no vhost has that name" : ""));
  }
  const json api = part(step, "api");
  if (!api.empty()) {
    lines.push_back(fmt::format("API {} {} at {}, {}, revision {}, {}", field(api, "name"),
                                field(api, "version"), field(api, "context"),
                                field(api, "lifecycle"), field(api, "revision"),
                                field(api, "uuid")));
    if (flag(step, "default_version")) lines.push_back("reached as the default version");
  }
  const json operation = part(step, "operation");
  if (!operation.empty()) {
    lines.push_back(fmt::format("operation {} {} for {}, auth {}", field(operation, "verb"),
                                field(operation, "target"), field(step, "resource"),
                                field(operation, "auth")));
  }
  if (!field(step, "allow").empty()) lines.push_back("methods there: " + field(step, "allow"));
  return lines;
}

Lines authenticate_lines(const json& step) {
  Lines lines;
  const std::string demands = joined(part(step, "demands"), " or ");
  lines.push_back(demands.empty() ? "no credential is demanded" : "demands " + demands);
  const json credentials = part(step, "credentials");
  for (const json& each : credentials) {
    lines.push_back(
        fmt::format("credential found in {} {}", field(each, "where"), field(each, "name")));
  }
  if (credentials.empty() && !demands.empty())
    lines.push_back(
        fmt::format("no credential found (key header {})", field(step, "api_key_header")));
  const json application = part(step, "application");
  if (application.empty()) return lines;
  lines.push_back(fmt::format("application {} ({}) of {}, {} key", field(application, "name"),
                              field(application, "id"), field(application, "owner"),
                              field(step, "key_type")));
  const json subscription = part(step, "subscription");
  if (!subscription.empty()) {
    lines.push_back(fmt::format("subscription {}, {}", field(subscription, "plan"),
                                field(subscription, "state")));
  } else if (flag(step, "validates_subscription")) {
    lines.push_back("no subscription");
  } else {
    lines.push_back("the API validates no subscription");
  }
  return lines;
}

std::string per(const json& level) {
  const int64_t count = number(level, "unit_time");
  const std::string unit = field(level, "unit");
  return count == 1 ? unit : fmt::format("{} {}s", count, unit);
}

std::string level_line(const json& level) {
  const std::string policy = field(level, "policy");
  std::string line =
      fmt::format("{}: {} of {} per {} used, {} left until {}", field(level, "level"),
                  field(level, "used"), field(level, "limit"), per(level), field(level, "remains"),
                  show_time(number(level, "window_end_s") * 1000));
  if (!policy.empty()) line += fmt::format(" (policy {})", policy);
  const std::string state = field(level, "state");
  if (state == "over") line += ", passes although used up";
  if (state == "no_counter") line += ", no counter is free for it";
  if (flag(level, "refuses")) line += ": REFUSES";
  return line;
}

Lines throttle_lines(const json& step) {
  Lines lines;
  const json denied = part(step, "denied");
  if (!denied.empty()) {
    lines.push_back(
        fmt::format("a deny condition on {} {}", field(denied, "by"), field(denied, "value")));
    return lines;
  }
  lines.push_back("no deny condition holds");
  const json levels = part(step, "levels");
  for (const json& level : levels) lines.push_back(level_line(level));
  if (levels.empty()) lines.push_back("no limit applies");
  return lines;
}

Lines shape_lines(const json& step) {
  Lines lines{fmt::format("{} {}", field(step, "method"), field(step, "path"))};
  const std::string sets = joined(part(step, "sets"));
  const std::string removes = joined(part(step, "removes"));
  if (!sets.empty()) lines.push_back("sets " + sets);
  if (!removes.empty()) lines.push_back("removes " + removes);
  return lines;
}

Lines forward_lines(const json& step) {
  Lines lines{fmt::format("{}, {}: {}", field(step, "endpoints_of"), field(step, "balance"),
                          joined(part(step, "endpoints")))};
  for (const json& next : part(step, "next")) {
    const std::string url = field(next, "url");
    lines.push_back(url.empty() ? fmt::format("worker {} refuses: {} ({})", field(next, "worker"),
                                              field(next, "reason"), field(next, "code"))
                                : fmt::format("worker {} takes {}", field(next, "worker"), url));
  }
  return lines;
}

Lines lines_of(const json& step) {
  const std::string name = field(step, "step");
  Lines lines;
  if (name == "parse") lines = parse_lines(step);
  if (name == "match") lines = match_lines(step);
  if (name == "authenticate") lines = authenticate_lines(step);
  if (name == "throttle") lines = throttle_lines(step);
  if (name == "shape") lines = shape_lines(step);
  if (name == "forward") lines = forward_lines(step);
  if (!field(step, "note").empty()) lines.push_back("note: " + field(step, "note"));
  if (!field(step, "reason").empty()) lines.push_back("because: " + field(step, "reason"));
  if (lines.empty()) lines.emplace_back();
  return lines;
}

}  // namespace

std::vector<std::vector<std::string>> why_rows(const json& explanation) {
  std::vector<std::vector<std::string>> rows;
  for (const json& step : part(explanation, "steps")) {
    std::string name = field(step, "step");
    std::string decision = field(step, "decision");
    for (const std::string& line : lines_of(step)) {
      rows.push_back({name, decision, line});
      name.clear();
      decision.clear();
    }
  }
  return rows;
}

std::string why_outcome(const json& explanation) {
  const json outcome = part(explanation, "outcome");
  const std::string epoch = fmt::format(" (epoch {})", field(explanation, "epoch"));
  if (flag(outcome, "forwarded"))
    return "forwarded to " + joined(part(outcome, "to"), " or ") + epoch;
  const std::string status = field(outcome, "status");
  const std::string code = field(outcome, "code");
  if (code.empty()) return fmt::format("answered {}{}", status, epoch);
  return fmt::format("refused with {}{}: {}{}", status,
                     code == status ? "" : fmt::format(", code {}", code),
                     field(outcome, "message"), epoch);
}

}  // namespace apim::cli
