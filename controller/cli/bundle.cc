#include "cli/bundle.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "import/export.h"
#include "import/openapi.h"
#include "import/params.h"
#include "import/source.h"

namespace apim::cli {
namespace {

constexpr const char* kParams = "intermediate_params.yaml";
constexpr const char* kTargets = "deployment_environments.yaml";

std::unexpected<Failure> refused(const model::Problem& problem) {
  return fail(Exit::Usage, describe_problem(problem), "nothing was sent to the controller");
}

Outcome<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(Exit::Usage, fmt::format("{}: cannot be read", path), "check the path of --params");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A params file's own answer to "have you an environment of this name".
bool names_environment(const std::string& text, const std::string& name) {
  try {
    for (const auto& entry : YAML::Load(text)["environments"]) {
      if (entry["name"] && entry["name"].as<std::string>() == name) return true;
    }
  } catch (const YAML::Exception&) {
    // prepare_project tells what is wrong with it, with its line.
  }
  return false;
}

Outcome<import::Files> prepare(import::Files files, const BundleArguments& arguments,
                               const std::map<std::string, std::string>& variables) {
  import::Preparation preparation;
  preparation.variables = variables;
  preparation.environment = arguments.params_environment;
  std::string params;
  if (!arguments.params_file.empty()) {
    ASSIGN_OR_FAIL(params, read_text(arguments.params_file));
    preparation.params_file = arguments.params_file;
    preparation.params_text = params;
  } else if (const auto own = files.find("api_params.yaml"); own != files.end()) {
    params = own->second;
  }
  const bool by_environment =
      preparation.environment.empty() && names_environment(params, arguments.environment);
  if (by_environment) preparation.environment = arguments.environment;
  auto prepared = import::prepare_project(std::move(files), preparation);
  if (!prepared) return refused(prepared.error());
  return std::move(*prepared);
}

std::string targets_text(const std::vector<import::DeploymentTarget>& targets) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& target : targets) {
    nlohmann::json entry = {{"displayOnDevportal", target.shown_in_devportal},
                            {"deploymentEnvironment", target.environment}};
    if (!target.vhost.empty()) entry["deploymentVhost"] = target.vhost;
    list.push_back(entry);
  }
  // JSON is YAML.
  const nlohmann::json envelope = {
      {"type", "deployment_environments"}, {"version", "v4.7.0"}, {"data", list}};
  return envelope.dump(2) + "\n";
}

// What the user says wins over the project; the project over the default.
std::vector<import::DeploymentTarget> choose_targets(const import::Project& project,
                                                     const BundleArguments& arguments) {
  if (project.api.lifecycle == model::Lifecycle::Retired) return {};
  const bool is_said = !arguments.environment.empty() || !arguments.vhost.empty();
  if (!is_said && !project.deployments.empty()) return project.deployments;
  const std::string environment = arguments.environment.empty() ? "Default" : arguments.environment;
  return {{.environment = environment, .vhost = arguments.vhost, .shown_in_devportal = true}};
}

// The params' own targets would win over the file on the server: they have been read by now.
void drop_targets_of_params(import::Files& files) {
  const auto params = files.find(kParams);
  if (params == files.end()) return;
  try {
    YAML::Node node = YAML::Load(params->second);
    if (!node.IsMap() || !node["deploymentEnvironments"]) return;
    node.remove("deploymentEnvironments");
    params->second = YAML::Dump(node) + "\n";
  } catch (const YAML::Exception&) {
    // It was read a moment ago; the server tells if it cannot be read again.
  }
}

Outcome<Bundle> pack(import::Files files, const BundleArguments& arguments) {
  const auto project = import::read_project(files);
  if (!project) return refused(project.error());
  Bundle bundle;
  bundle.name = project->api.name;
  bundle.version = project->api.version;
  bundle.targets = choose_targets(*project, arguments);
  drop_targets_of_params(files);
  files.erase("deployment_environments.json");
  files.erase(kTargets);
  if (!bundle.targets.empty()) files[kTargets] = targets_text(bundle.targets);
  auto zip = import::write_zip(files, bundle.name + "-" + bundle.version);
  if (!zip) return refused(zip.error());
  bundle.zip = std::move(*zip);
  return bundle;
}

Outcome<import::Files> project_of_openapi(const import::Source& source,
                                          const BundleArguments& arguments,
                                          const std::map<std::string, std::string>& variables) {
  const auto& [file, document] = *source.files.begin();
  const auto text = import::substitute(document, file, variables);
  if (!text) return refused(text.error());
  const import::OpenApiArguments given{.name = arguments.name,
                                       .version = arguments.version,
                                       .context = arguments.context,
                                       .endpoint = arguments.endpoint,
                                       .sandbox_endpoint = arguments.sandbox_endpoint};
  nlohmann::json additional = {{"lifeCycleStatus", arguments.state}};
  if (!arguments.plans.empty()) additional["policies"] = arguments.plans;
  const auto project = import::read_openapi(*text, file, given, additional);
  if (!project) return refused(project.error());
  auto files = import::write_project(project->api, {}, import::Format::Yaml);
  if (!files) return refused(files.error());
  return std::move(*files);
}

bool has_openapi_flags(const BundleArguments& arguments) {
  return !arguments.name.empty() || !arguments.context.empty() || !arguments.version.empty() ||
         !arguments.endpoint.empty() || !arguments.sandbox_endpoint.empty() ||
         !arguments.plans.empty();
}

}  // namespace

Outcome<Bundle> make_bundle(const BundleArguments& arguments,
                            const std::map<std::string, std::string>& variables) {
  auto source = import::read_source(arguments.source);
  if (!source) return refused(source.error());
  if (source->kind == import::Source::Kind::OpenApi) {
    if (!arguments.params_file.empty()) {
      return fail(Exit::Usage, "--params is for apictl projects",
                  "an OpenAPI document takes --endpoint and ${VARIABLES}");
    }
    ASSIGN_OR_FAIL(auto files, project_of_openapi(*source, arguments, variables));
    return pack(std::move(files), arguments);
  }
  if (has_openapi_flags(arguments)) {
    return fail(Exit::Usage,
                "--name, --context, --version, --endpoint, --sandbox-endpoint and --plan are for "
                "OpenAPI documents",
                "an apictl project says these in its api.yaml; use --params to vary them");
  }
  ASSIGN_OR_FAIL(auto files, prepare(std::move(source->files), arguments, variables));
  return pack(std::move(files), arguments);
}

std::string describe_problem(const model::Problem& problem) {
  std::string text = problem.message;
  std::string lines;
  for (const auto& finding : problem.findings) {
    lines += "\n  " + (finding.where.empty() ? "" : finding.where + " ") + finding.message;
  }
  const bool repeats = !problem.findings.empty();
  if (!problem.description.empty() && !repeats && problem.description != problem.message) {
    text += ": " + problem.description;
  }
  return text + lines;
}

}  // namespace apim::cli
