#include "import/deployments.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

namespace apim::import {

std::vector<DeploymentTarget> read_targets(const model::Field& list) {
  std::vector<DeploymentTarget> targets;
  std::set<std::string> environments;
  for (const model::Field& item : list.items()) {
    const model::Field name = item["deploymentEnvironment"];
    if (!name.present()) {
      name.refuse("is missing: the name of a gateway environment, such as Default");
      continue;
    }
    DeploymentTarget target;
    target.environment = name.text("", {.bytes_min = 1, .bytes_max = 255});
    target.vhost = item["deploymentVhost"].text("", {.bytes_max = 255});
    target.shown_in_devportal = item["displayOnDevportal"].flag(true);
    if (!environments.insert(target.environment).second) {
      name.refuse(
          fmt::format("{} stands here for the second time", model::shown(target.environment)));
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

std::vector<DeploymentTarget> read_deployments(const Tree& tree, Gather& gather) {
  const nlohmann::json value = tree.value;
  const bool enveloped = value.is_object() && value.contains("data");
  const TreeLocator locator(tree, enveloped ? "/data" : "");
  model::FieldReport report(&locator, enveloped ? "data" : "");
  const nlohmann::json& list = enveloped ? value["data"] : value;
  std::vector<DeploymentTarget> targets = read_targets(model::Field(list, report));
  gather.take(report);
  return targets;
}

}  // namespace apim::import
