#include "import/project_reader.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "import/defined_operations.h"
#include "import/definition.h"
#include "import/deployments.h"
#include "import/gather.h"
#include "import/layout.h"
#include "import/openapi.h"
#include "import/policies.h"
#include "import/tree.h"
#include "model/api_codec.h"
#include "model/field.h"

namespace apim::import {
namespace {

struct Folder {
  const char* prefix;
  const char* warning;
};

// What is carried along without effect.
constexpr std::array<Folder, 9> kFolders{{
    {"Docs/", "documents are not used yet"},
    {"Image/", "the API's picture is not used yet"},
    {"Endpoint-certificates/",
     "certificates of backends are not used yet: the gateway checks backends against its own trust "
     "store"},
    {"Client-certificates/",
     "client certificates are not used yet: calls that need mutual TLS answer 401"},
    {"WSDL/", "is for SOAP APIs; it is not used"},
    {"SoapToRest/", "is for SOAP APIs; it is not used"},
    {"Sequence-Backend/", "custom backends are not supported; it is not used"},
    {"endpoints.", "named endpoints are not read; endpointConfig counts"},
    {"api_params.", "params are applied by apimctl before the upload; here they have no effect"},
}};

class ProjectReader {
 public:
  ProjectReader(const Files& files, const Configs* configs_or_null)
      : files_(files), configs_(configs_or_null) {}

  model::Result<Project> read() {
    ASSIGN_OR_REFUSE(const std::string api_file, find_api_file(files_));
    ASSIGN_OR_REFUSE(tree_, read_tree(files_.at(api_file), api_file));
    tree_.restore_spelling();
    CHECK_OR_REFUSE(check_envelope());
    TreeLocator locator(tree_, "/data");
    data_ = tree_.value["data"];
    std::optional<std::vector<DeploymentTarget>> targets;
    if (configs_ != nullptr) targets = apply_configs(*configs_, data_, locator, gather_);
    read_definition_file(locator);
    read_data(locator);
    read_targets_file(std::move(targets));
    take_attachments();
    if (!gather_.findings.empty()) return model::refuse(gather_.problem());
    project_.warnings = std::move(gather_.warnings);
    return std::move(project_);
  }

 private:
  model::Result<void> check_envelope() {
    const auto wrong = [&](const std::string& pointer, const std::string& message) {
      const std::string where = tree_.locate(pointer) + model::dotted(pointer);
      return model::refuse(model::invalid(900754, "The project is not valid", {{where, message}}));
    };
    const nlohmann::ordered_json& root = tree_.value;
    if (!root.is_object()) return wrong("", "must be an object with type, version and data");
    if (member(root, "id").is_object() && !root.contains("data")) {
      return wrong(
          "/id",
          "this is an api.yaml of API Manager 3.x, which 4.x does not import; export the API "
          "again with apictl 4.x, or write the file anew");
    }
    const nlohmann::ordered_json& type = member(root, "type");
    if (!type.is_null() && type != "api") {
      return wrong("/type", fmt::format("is {}; only projects of type api are imported",
                                        model::shown(nlohmann::json(type))));
    }
    if (!root.contains("data")) {
      return wrong("",
                   "has no 'data': the API's fields stand below 'data:', beside 'type: api' and "
                   "'version: v4.7.0'");
    }
    if (!member(root, "data").is_object())
      return wrong("/data", "must be an object: name, version, context, ...");
    return {};
  }

  static bool is_empty_list(const nlohmann::json& value) {
    return value.is_null() || (value.is_array() && value.empty());
  }

  // Operations come from the definition when api.yaml has none; api.yaml wins where both have them.
  void read_definition_file(TreeLocator& locator) {
    const std::string file = find_definition_file(files_);
    const bool is_http =
        !data_.contains("type") || data_["type"].is_null() || data_["type"] == "HTTP";
    if (file.empty() || !is_http) {
      if (is_http && is_empty_list(data_.value("operations", nlohmann::json()))) {
        gather_.refuse(tree_.locate("/data") + "data.operations",
                       "is empty and there is no Definitions/swagger.yaml to take operations from");
      }
      return;
    }
    definition_ = gather_.take(read_definition(files_.at(file), file));
    if (!definition_.has_value()) return;
    if (!is_empty_list(data_.value("operations", nlohmann::json()))) return;
    data_["operations"] = operations_document(*definition_);
    locate_operations(*definition_, "/operations", locator);
    if (is_empty_list(data_.value("scopes", nlohmann::json())))
      data_["scopes"] = scopes_document(*definition_);
    taken_from_definition_ = true;
  }

  void read_data(const TreeLocator& locator) {
    auto read = gather_.take(model::read_api(data_, &locator));
    if (!read.has_value()) return;
    project_.api = std::move(read->api);
    for (model::Warning& warning : read->warnings) gather_.warnings.push_back(std::move(warning));
    check_policies(project_.api, files_, locator, gather_);
    refuse_sequences();
    if (definition_.has_value()) {
      project_.api.definition = definition_->text();
      if (!taken_from_definition_) compare_operations();
    } else if (project_.api.type == "HTTP" && gather_.findings.empty()) {
      project_.api.definition = make_definition(project_.api);
      gather_.warn("Definitions/",
                   "has no swagger.yaml; a definition was made from the operations");
    }
  }

  void refuse_sequences() {
    const auto first = files_.lower_bound("Sequences/");
    if (first == files_.end() || !first->first.starts_with("Sequences/")) return;
    gather_.refuse(first->first,
                   "is a mediation sequence of API Manager 3.x, which the gateway cannot run; "
                   "use operation policies and remove Sequences/");
  }

  void compare_operations() {
    std::set<std::pair<std::string, std::string>> served;
    std::set<std::pair<std::string, std::string>> defined;
    for (const DefinedOperation& operation : definition_->operations)
      defined.emplace(operation.target, operation.verb);
    for (size_t i = 0; i < project_.api.operations.size(); ++i) {
      const model::Operation& operation = project_.api.operations[i];
      served.emplace(operation.target, model::to_text(operation.verb));
      if (!defined.contains({operation.target, model::to_text(operation.verb)})) {
        gather_.warn(
            fmt::format("data.operations[{}]", i),
            fmt::format("{} {} is served, but {} does not describe it",
                        model::to_text(operation.verb), operation.target, definition_->tree.file));
      }
    }
    for (const DefinedOperation& operation : definition_->operations) {
      if (served.contains({operation.target, operation.verb})) continue;
      gather_.warn(definition_->tree.locate(operation.pointer) + model::dotted(operation.pointer),
                   fmt::format("{} {} is not among data.operations: it is not served",
                               operation.verb, operation.target));
    }
  }

  void read_targets_file(std::optional<std::vector<DeploymentTarget>> of_params) {
    const std::string file = find_deployments_file(files_);
    std::string where = file;
    if (of_params.has_value()) {
      project_.deployments = std::move(*of_params);
      where = configs_->tree.file;
    } else if (!file.empty()) {
      const std::optional<Tree> tree = gather_.take(read_tree(files_.at(file), file));
      if (tree.has_value()) project_.deployments = read_deployments(*tree, gather_);
    }
    if (project_.deployments.empty() || project_.api.name.empty()) return;
    if (project_.api.type != "HTTP") {
      gather_.refuse(
          tree_.locate("/data/type") + "data.type",
          fmt::format("'{}' APIs cannot be deployed: the gateway serves HTTP APIs only; take the "
                      "environments out of {} to import it without deploying",
                      project_.api.type, where));
    }
    if (project_.api.advertise_only) {
      gather_.refuse(
          tree_.locate("/data/advertiseInfo") + "data.advertiseInfo.advertised",
          fmt::format("an advertised API is listed only; take the environments out of {}", where));
    }
  }

  void take_attachments() {
    for (const Folder& folder : kFolders) {
      auto file = files_.lower_bound(folder.prefix);
      if (file == files_.end() || !file->first.starts_with(folder.prefix)) continue;
      gather_.warn(folder.prefix[std::char_traits<char>::length(folder.prefix) - 1] == '/'
                       ? folder.prefix
                       : file->first,
                   folder.warning);
      if (file->first.starts_with("api_params.")) continue;
      for (; file != files_.end() && file->first.starts_with(folder.prefix); ++file) {
        project_.attachments[file->first] = file->second;
      }
    }
  }

  const Files& files_;
  const Configs* configs_;
  Tree tree_;
  nlohmann::json data_;
  std::optional<Definition> definition_;
  bool taken_from_definition_ = false;
  Gather gather_;
  Project project_;
};

}  // namespace

model::Result<Project> read_project_with(const Files& files, const Configs* configs_or_null) {
  return ProjectReader(files, configs_or_null).read();
}

}  // namespace apim::import
