#include "import/configs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "import/deployments.h"
#include "model/ascii.h"
#include "model/field.h"

namespace apim::import {
namespace {

using PlainJson = nlohmann::json;
using model::Field;

constexpr std::array<const char*, 13> kKnown = {"endpointType",
                                                "endpointRoutingPolicy",
                                                "endpoints",
                                                "loadBalanceEndpoints",
                                                "failoverEndpoints",
                                                "security",
                                                "deploymentEnvironments",
                                                "certs",
                                                "mutualSslCerts",
                                                "policies",
                                                "additionalProperties",
                                                "awsLambdaEndpoints",
                                                "dependentAPIs"};

class Overlay {
 public:
  Overlay(const Configs& configs, PlainJson& data, TreeLocator& locator)
      : configs_(configs), data_(data), locator_(locator) {}

  void put_endpoints(const Field& fields) {
    const std::string type = fields["endpointType"].text("rest");
    if (type != "rest" && !type.empty()) {
      fields["endpointType"].refuse(
          fmt::format("{} is not supported by the gateway; use rest", model::shown(type)));
      return;
    }
    const std::string routing = fields["endpointRoutingPolicy"].text("");
    if (routing == "load_balanced") {
      put_balanced(fields["loadBalanceEndpoints"]);
    } else if (routing == "failover") {
      put_failover(fields["failoverEndpoints"]);
    } else if (!routing.empty()) {
      fields["endpointRoutingPolicy"].refuse(fmt::format(
          "is {}; it must be load_balanced or failover, or absent", model::shown(routing)));
    } else if (fields["endpoints"].present()) {
      begin("http", fields["endpoints"]);
      copy(fields["endpoints"], "production", "production_endpoints");
      copy(fields["endpoints"], "sandbox", "sandbox_endpoints");
    } else {
      refuse_unused(fields);
    }
  }

  void put_security(const Field& security) {
    if (!security.present()) return;
    PlainJson& block = config()["endpoint_security"];
    if (!block.is_object()) block = PlainJson::object();
    for (const auto& [kind, value] : security.members()) {
      if (kind != "production" && kind != "sandbox") {
        value.refuse("must be production or sandbox");
        continue;
      }
      block[kind] = value.value();
      if (value["type"].is_text()) block[kind]["type"] = model::upper(value["type"].text(""));
      locator_.replace("/endpointConfig/endpoint_security/" + kind, configs_.tree,
                       configs_.root + value.pointer());
    }
  }

  void put_as_is(const Field& fields, const char* key) {
    if (!fields[key].present()) return;
    data_[key] = fields[key].value();
    locator_.replace(std::string("/") + key, configs_.tree, configs_.root + fields[key].pointer());
  }

 private:
  PlainJson& config() {
    PlainJson& config = data_["endpointConfig"];
    if (!config.is_object()) config = PlainJson::object();
    return config;
  }

  // Addresses of the project go, its credentials stay until `security` replaces them.
  void begin(const char* endpoint_type, const Field& from) {
    for (const char* const key :
         {"production_endpoints", "sandbox_endpoints", "production_failovers", "sandbox_failovers",
          "sessionManagement", "sessionTimeOut", "algoClassName", "algoCombo"}) {
      config().erase(key);
    }
    config()["endpoint_type"] = endpoint_type;
    locator_.replace("/endpointConfig/endpoint_type", configs_.tree,
                     configs_.root + from.pointer());
    if (!from.is_object()) from.refuse("must be an object with production and sandbox");
  }

  void copy(const Field& from, const std::string& key, const std::string& to) {
    if (!from[key].present()) return;
    config()[to] = from[key].value();
    locator_.replace("/endpointConfig/" + to, configs_.tree, configs_.root + from[key].pointer());
  }

  void put_balanced(const Field& from) {
    if (!from.present())
      return from.refuse("is missing: endpointRoutingPolicy load_balanced needs it");
    begin("load_balance", from);
    copy(from, "production", "production_endpoints");
    copy(from, "sandbox", "sandbox_endpoints");
    for (const char* const key : {"sessionManagement", "sessionTimeOut", "algoClassName"})
      copy(from, key, key);
  }

  void put_failover(const Field& from) {
    if (!from.present()) return from.refuse("is missing: endpointRoutingPolicy failover needs it");
    begin("failover", from);
    copy(from, "production", "production_endpoints");
    copy(from, "productionFailovers", "production_failovers");
    copy(from, "sandbox", "sandbox_endpoints");
    copy(from, "sandboxFailovers", "sandbox_failovers");
  }

  static void refuse_unused(const Field& fields) {
    for (const char* const key : {"loadBalanceEndpoints", "failoverEndpoints"}) {
      if (fields[key].present()) {
        fields[key].refuse(fmt::format("needs endpointRoutingPolicy {}",
                                       key[0] == 'l' ? "load_balanced" : "failover"));
      }
    }
  }

  const Configs& configs_;
  PlainJson& data_;
  TreeLocator& locator_;
};

std::string dotted_root(const std::string& pointer) { return model::dotted(pointer); }

void warn_of_rest(const Field& fields) {
  for (const auto& [key, value] : fields.members()) {
    const bool known =
        std::any_of(kKnown.begin(), kKnown.end(), [&](const char* name) { return key == name; });
    if (!known) value.warn("is not a setting of params that is known; it has no effect");
  }
  for (const char* const key : {"certs", "mutualSslCerts"}) {
    if (!fields[key].items().empty())
      fields[key].warn(
          "are not used yet: backends are checked against the gateway's own trust store");
  }
  if (fields["awsLambdaEndpoints"].present())
    fields["awsLambdaEndpoints"].refuse("is not supported by the gateway");
  if (fields["dependentAPIs"].present())
    fields["dependentAPIs"].warn("is for API products; it has no effect");
}

}  // namespace

std::optional<std::vector<DeploymentTarget>> apply_configs(const Configs& configs, PlainJson& data,
                                                           TreeLocator& locator, Gather& gather) {
  const TreeLocator own(configs.tree, configs.root);
  model::FieldReport report(&own, dotted_root(configs.root));
  const PlainJson value = configs.tree.value.at(nlohmann::ordered_json::json_pointer(configs.root));
  const Field fields(value, report);
  std::optional<std::vector<DeploymentTarget>> targets;
  if (!fields.is_object()) {
    fields.refuse("must be an object: endpoints, policies, ...");
  } else {
    Overlay overlay(configs, data, locator);
    overlay.put_endpoints(fields);
    overlay.put_security(fields["security"]);
    overlay.put_as_is(fields, "policies");
    overlay.put_as_is(fields, "additionalProperties");
    warn_of_rest(fields);
    if (fields["deploymentEnvironments"].present())
      targets = read_targets(fields["deploymentEnvironments"]);
  }
  gather.take(report);
  return targets;
}

}  // namespace apim::import
