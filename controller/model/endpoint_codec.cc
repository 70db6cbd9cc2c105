#include "model/endpoint_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/endpoint_url.h"

namespace apim::model {
namespace {

constexpr uint64_t kDurationMsMax = 86'400'000;  // a day
constexpr uint64_t kRetriesMax = 1'000;
constexpr uint64_t kCodeMax = 999'999;
constexpr double kFactorMax = 1'000;
constexpr size_t kEndpointsMax = 64;

using Json = nlohmann::json;

uint32_t read_duration(const Field& field) {
  return static_cast<uint32_t>(field.rounded(0, kDurationMsMax));
}

// A list of codes; exports also have them as one comma-separated text.
std::vector<uint32_t> read_codes(const Field& field) {
  std::vector<uint32_t> result;
  if (field.is_text()) {
    const std::string text = field.text("");
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find(',', begin), text.size());
      const Json part = text.substr(begin, end - begin);
      FieldReport report(nullptr);
      result.push_back(static_cast<uint32_t>(Field(part, report).number(0, 1, kCodeMax)));
      if (!report.findings.empty())
        field.refuse(fmt::format("{} is not a list of error codes", shown(text)));
      begin = end + 1;
    }
    return result;
  }
  for (const Field& item : field.items()) {
    result.push_back(static_cast<uint32_t>(item.number(0, 1, kCodeMax)));
  }
  return result;
}

EndpointTuning read_tuning(const Field& config) {
  EndpointTuning tuning;
  if (!config.present() || (config.is_text() && config.text("").empty())) return tuning;
  if (!config.is_object()) {
    config.refuse("must be an object");
    return tuning;
  }
  tuning.timeout_ms = read_duration(config["actionDuration"]);
  tuning.suspend_ms = read_duration(config["suspendDuration"]);
  tuning.suspend_max_ms = read_duration(config["suspendMaxDuration"]);
  tuning.suspend_factor = config["factor"].fraction(1.0, 0, kFactorMax);
  tuning.suspend_codes = read_codes(config["suspendErrorCode"]);
  tuning.retry_codes = read_codes(config["retryErroCode"]);
  tuning.retry_count = static_cast<uint16_t>(config["retryTimeOut"].rounded(0, kRetriesMax));
  tuning.retry_delay_ms = read_duration(config["retryDelay"]);

  const Field action = config["actionSelect"];
  const std::string selected = action.text("fault");
  if (selected == "discard" || selected == "neverTimeout") {
    action.warn(
        fmt::format("{} is kept; the gateway answers a late backend with a fault all the same",
                    shown(selected)));
  } else if (!selected.empty() && selected != "fault") {
    action.refuse(fmt::format("is {}; it must be fault, discard or neverTimeout", shown(selected)));
  }
  for (const char* const soap : {"format", "optimize"}) {
    if (!config[soap].text("").empty())
      config[soap].warn("is for SOAP backends; kept but not used by the gateway");
  }
  return tuning;
}

std::optional<Endpoint> read_endpoint(const Field& field) {
  if (!field.is_object()) {
    field.refuse("must be an object with a url");
    return std::nullopt;
  }
  Endpoint endpoint;
  const Field url = field["url"];
  if (!url.present()) {
    url.refuse("is missing; write http://host:port/path or https://...");
    return std::nullopt;
  }
  endpoint.url = url.text("");
  if (url.is_text()) {
    const auto parsed = parse_endpoint_url(endpoint.url);
    if (!parsed) url.refuse(parsed.error());
  }
  endpoint.tuning = read_tuning(field["config"]);
  field["template_not_supported"].flag(false);
  return endpoint;
}

// Absent, null and {} stand for "no endpoint".
bool is_nothing(const Field& field) {
  return !field.present() || (field.is_object() && field.value().empty());
}

void append_list(const Field& list, std::vector<Endpoint>& endpoints) {
  for (const Field& item : list.items()) {
    if (auto endpoint = read_endpoint(item)) endpoints.push_back(std::move(*endpoint));
  }
  if (endpoints.size() > kEndpointsMax) {
    list.refuse(fmt::format("has more than {} endpoints", kEndpointsMax));
  }
}

std::optional<EndpointGroup> read_group(const Field& config, const std::string& kind,
                                        Balance balance) {
  EndpointGroup group{.balance = balance, .endpoints = {}};
  const Field primary = config[kind + "_endpoints"];
  const Field others = config[kind + "_failovers"];
  const bool has_others = others.is_array() && !others.value().empty();
  if (is_nothing(primary)) {
    if (balance == Balance::Failover && has_others) {
      others.refuse(fmt::format("needs {}_endpoints, the endpoint it stands in for", kind));
    }
    return std::nullopt;
  }
  if (primary.is_array() && balance != Balance::RoundRobin) {
    primary.refuse(
        "is a list, which needs endpoint_type load_balance; write one object with a url");
    return std::nullopt;
  }
  if (primary.is_array()) {
    append_list(primary, group.endpoints);
  } else if (auto endpoint = read_endpoint(primary)) {
    group.endpoints.push_back(std::move(*endpoint));
  }
  if (balance == Balance::Failover) {
    append_list(others, group.endpoints);
  } else if (has_others) {
    others.refuse("needs endpoint_type failover");
  }
  if (group.endpoints.empty()) return std::nullopt;
  return group;
}

void warn_of_balancing(const Field& config) {
  const Field session = config["sessionManagement"];
  if (const std::string kind = session.text(""); !kind.empty() && kind != "none") {
    session.warn(
        fmt::format("{} is kept; the gateway balances every request on its own", shown(kind)));
  }
  config["sessionTimeOut"].rounded(0, kDurationMsMax);
  for (const char* const name : {"algoCombo", "algoClassName"}) {
    const std::string algorithm = config[name].text("");
    if (!algorithm.empty() && !algorithm.ends_with("RoundRobin")) {
      config[name].warn(
          fmt::format("{} is kept; the gateway balances round robin", shown(algorithm)));
    }
  }
  for (const char* const name : {"failOver", "failover"}) config[name].flag(false);
}

void warn_of_security(const Field& security) {
  if (!security.present()) return;
  for (const auto& [kind, block] : security.members()) {
    if (!block.is_object()) continue;
    const std::string type = block["type"].text("NONE");
    if (block["enabled"].flag(false) && type != "NONE" && type != "none") {
      block.warn(fmt::format("{} credentials are kept, but the gateway does not send them yet",
                             shown(type)));
    }
  }
}

Json write_codes(const std::vector<uint32_t>& codes) {
  Json result = Json::array();
  for (const uint32_t code : codes) result.push_back(std::to_string(code));
  return result;
}

Json write_tuning(const EndpointTuning& tuning) {
  return {{"actionSelect", "fault"},
          {"actionDuration", std::to_string(tuning.timeout_ms)},
          {"suspendDuration", std::to_string(tuning.suspend_ms)},
          {"suspendMaxDuration", std::to_string(tuning.suspend_max_ms)},
          {"factor", tuning.suspend_factor},
          {"suspendErrorCode", write_codes(tuning.suspend_codes)},
          {"retryErroCode", write_codes(tuning.retry_codes)},
          {"retryTimeOut", std::to_string(tuning.retry_count)},
          {"retryDelay", std::to_string(tuning.retry_delay_ms)}};
}

Json write_endpoint(const Endpoint& endpoint) {
  Json result = {{"url", endpoint.url}};
  if (endpoint.tuning != EndpointTuning{}) result["config"] = write_tuning(endpoint.tuning);
  return result;
}

void write_group(Json& config, const std::string& kind, const std::optional<EndpointGroup>& group,
                 Balance balance) {
  config.erase(kind + "_endpoints");
  config.erase(kind + "_failovers");
  if (!group.has_value() || group->endpoints.empty()) return;
  if (balance == Balance::RoundRobin) {
    Json list = Json::array();
    for (const Endpoint& endpoint : group->endpoints) list.push_back(write_endpoint(endpoint));
    config[kind + "_endpoints"] = std::move(list);
    return;
  }
  config[kind + "_endpoints"] = write_endpoint(group->endpoints.front());
  if (balance != Balance::Failover) return;
  Json others = Json::array();
  for (size_t i = 1; i < group->endpoints.size(); ++i)
    others.push_back(write_endpoint(group->endpoints[i]));
  config[kind + "_failovers"] = std::move(others);
}

}  // namespace

EndpointGroups read_endpoints(const Field& config) {
  if (!config.present() || (config.is_object() && config.value().empty())) return {};
  if (config.is_text()) {
    config.refuse("is text with JSON in it, as API Manager 3.x wrote it; write it as an object");
    return {};
  }
  if (!config.is_object()) {
    config.refuse("must be an object with endpoint_type and production_endpoints");
    return {};
  }
  const Field type = config["endpoint_type"];
  if (!type.present()) {
    type.refuse("is missing; it must be http, load_balance or failover");
    return {};
  }
  const std::string name = type.text("http");
  Balance balance = Balance::Single;
  if (name == "load_balance") {
    balance = Balance::RoundRobin;
    warn_of_balancing(config);
  } else if (name == "failover") {
    balance = Balance::Failover;
  } else if (name != "http") {
    type.refuse(fmt::format(
        "{} is not supported by the gateway; use http, load_balance or failover", shown(name)));
    return {};
  }
  warn_of_security(config["endpoint_security"]);
  return {.production = read_group(config, "production", balance),
          .sandbox = read_group(config, "sandbox", balance)};
}

Json write_endpoints(const EndpointGroups& groups, const Json& before) {
  if (!groups.production && !groups.sandbox) return nullptr;
  const Balance balance = groups.production ? groups.production->balance : groups.sandbox->balance;
  Json config = before.is_object() ? before : Json::object();
  config["endpoint_type"] = balance == Balance::Single       ? "http"
                            : balance == Balance::RoundRobin ? "load_balance"
                                                             : "failover";
  if (balance == Balance::RoundRobin && !config.contains("algoCombo")) {
    for (const char* const key : {"algoCombo", "algoClassName"}) {
      config[key] = "org.apache.synapse.endpoints.algorithms.RoundRobin";
    }
    config["sessionManagement"] = "";
    config["sessionTimeOut"] = "0";
    config["failOver"] = "False";
  }
  write_group(config, "production", groups.production, balance);
  write_group(config, "sandbox", groups.sandbox, balance);
  return config;
}

}  // namespace apim::model
