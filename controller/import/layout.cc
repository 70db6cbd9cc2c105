#include "import/layout.h"

#include <fmt/format.h>

#include <array>

#include "import/archive.h"

namespace apim::import {
namespace {

constexpr const char* kSourceArchive = "SourceArchive.zip";
constexpr const char* kDeploymentFolder = "Deployment/";

bool has_folder(const Files& files, const std::string& folder) {
  const auto first = files.lower_bound(folder);
  return first != files.end() && first->first.starts_with(folder);
}

template <size_t N>
std::string first_of(const Files& files, const std::array<const char*, N>& names) {
  for (const char* const name : names) {
    if (files.contains(name)) return name;
  }
  return "";
}

model::Problem foreign(const std::string& where, const std::string& message) {
  return model::invalid(900754, "The project cannot be imported", {{where, message}});
}

}  // namespace

model::Result<Files> unwrap(Files files) {
  const auto archive = files.find(kSourceArchive);
  if (archive == files.end()) return files;
  auto inner = read_zip(archive->second);
  if (!inner) {
    for (model::Finding& finding : inner.error().findings) {
      finding.where = std::string(kSourceArchive) + ": " + finding.where;
    }
    return model::refuse(std::move(inner.error()));
  }
  if (inner->contains(kSourceArchive)) {
    return model::refuse(
        foreign(kSourceArchive, "holds another SourceArchive.zip; pack the project once"));
  }
  files.erase(archive);
  for (auto& [path, bytes] : files) {
    const std::string folder = kDeploymentFolder;
    (*inner)[path.starts_with(folder) ? path.substr(folder.size()) : path] = std::move(bytes);
  }
  return std::move(*inner);
}

model::Result<std::string> find_api_file(const Files& files) {
  if (has_folder(files, "Meta-information/")) {
    return model::refuse(foreign("Meta-information/",
                                 "this is a project of API Manager 3.x, whose layout 4.x does not "
                                 "import; import it into API Manager "
                                 "3.x, migrate that to 4.x and export the API again with apictl "
                                 "4.x, or write its api.yaml anew"));
  }
  const bool yaml = files.contains("api.yaml");
  const bool json = files.contains("api.json");
  if (yaml && json)
    return model::refuse(foreign("api.json", "stands beside api.yaml; keep one of them"));
  if (yaml || json) return std::string(yaml ? "api.yaml" : "api.json");
  if (files.contains("api_product.yaml") || files.contains("api_product.json")) {
    return model::refuse(
        foreign("api_product.yaml", "is an API product; products are not supported"));
  }
  if (files.contains("application.yaml") || files.contains("application.json")) {
    return model::refuse(
        foreign("application.yaml", "is an application; create it with 'apimctl apps'"));
  }
  std::string hint = "the project is empty";
  if (!files.empty()) hint = "the project begins with " + files.begin()->first;
  if (files.contains("api.yml")) hint = "rename api.yml to api.yaml";
  model::Problem problem =
      model::invalid(900909, "Cannot find API definition. api.yaml or api.json should present",
                     {{"api.yaml", "is missing; " + hint}});
  return model::refuse(std::move(problem));
}

std::string find_definition_file(const Files& files) {
  return first_of(files, std::array{"Definitions/swagger.yaml", "Definitions/swagger.yml",
                                    "Definitions/swagger.json", "Definitions/openapi.yaml",
                                    "Definitions/openapi.yml", "Definitions/openapi.json"});
}

std::string find_deployments_file(const Files& files) {
  return first_of(files, std::array{"deployment_environments.yaml", "deployment_environments.yml",
                                    "deployment_environments.json"});
}

}  // namespace apim::import
