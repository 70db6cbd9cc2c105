#include "import/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "import/configs.h"
#include "import/export.h"
#include "import/gather.h"
#include "import/layout.h"
#include "import/project_reader.h"
#include "import/tree.h"
#include "import/yaml_writer.h"

namespace apim::import {
namespace {

using Json = nlohmann::ordered_json;

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// A value is put into the text as it stands; with a line break it would be text of its own.
bool is_one_line(const std::string& value) {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void substitute_line(std::string_view line, const std::string& where, const Variables& variables,
                     std::string& result, Gather& gather) {
  const size_t first = line.find_first_not_of(" \t");
  if (first != std::string_view::npos && line[first] == '#') {
    result += line;
    return;
  }
  for (size_t at = 0; at < line.size();) {
    const size_t open = std::min(line.find("${", at), line.size());
    result += line.substr(at, open - at);
    if (open == line.size()) return;
    size_t end = open + 2;
    while (end < line.size() && is_name_character(line[end])) ++end;
    const bool is_variable = end > open + 2 && end < line.size() && line[end] == '}';
    at = is_variable ? end + 1 : open + 2;
    if (!is_variable) {
      result += "${";
      continue;
    }
    const std::string name(line.substr(open + 2, end - open - 2));
    const auto found = variables.find(name);
    if (found == variables.end()) {
      gather.refuse(where, fmt::format("the variable ${{{}}} is not set in the environment", name));
    } else if (!is_one_line(found->second)) {
      gather.refuse(
          where, fmt::format("the value of ${{{}}} has a line break or a control character", name));
    } else {
      result += found->second;
    }
  }
}

model::Problem wrong_params(const Tree& tree, const std::string& pointer,
                            const std::string& message) {
  return model::invalid(900754, "The params are not valid",
                        {{tree.locate(pointer) + model::dotted(pointer), message}});
}

model::Result<Tree> read_params(const std::string& text, const std::string& file) {
  ASSIGN_OR_REFUSE(Tree tree, read_tree(text, file));
  if (!tree.value.is_object())
    return model::refuse(wrong_params(tree, "", "must be an object with environments"));
  const auto environments = tree.value.find("environments");
  if (environments == tree.value.end() || !environments->is_array()) {
    return model::refuse(
        wrong_params(tree, "/environments", "must be a list of { name, configs }"));
  }
  for (size_t i = 0; i < environments->size(); ++i) {
    const Json& entry = (*environments)[i];
    const std::string at = fmt::format("/environments/{}", i);
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) {
      return model::refuse(wrong_params(tree, at, "has no name: { name: dev, configs: { ... } }"));
    }
  }
  return tree;
}

std::vector<std::string> names_in(const Tree& params) {
  std::vector<std::string> names;
  for (const Json& entry : params.value["environments"])
    names.push_back(entry["name"].get<std::string>());
  return names;
}

// The place of the chosen environment's configs.
model::Result<std::string> choose(const Tree& params, const std::string& environment) {
  const std::vector<std::string> names = names_in(params);
  if (names.empty())
    return model::refuse(wrong_params(params, "/environments", "names no environment"));
  size_t index = 0;
  if (environment.empty() && names.size() > 1) {
    return model::refuse(
        wrong_params(params, "/environments",
                     fmt::format("has several environments; say which: {}", model::one_of(names))));
  }
  if (!environment.empty()) {
    const auto found = std::find(names.begin(), names.end(), environment);
    if (found == names.end()) {
      return model::refuse(
          wrong_params(params, "/environments",
                       fmt::format("has no environment {}; it has {}", model::shown(environment),
                                   model::one_of(names))));
    }
    index = static_cast<size_t>(found - names.begin());
  }
  const std::string at = fmt::format("/environments/{}", index);
  if (!params.value["environments"][index].contains("configs")) {
    return model::refuse(wrong_params(params, at, "has no configs"));
  }
  return at + "/configs";
}

// Replaced in all of the user's own files at once, so that every unset variable is named.
void substitute_files(Files& files, const Variables& variables, Gather& gather) {
  for (const char* const name :
       {"api.yaml", "api.json", "deployment_environments.yaml", "deployment_environments.yml",
        "deployment_environments.json", kChosenParamsFile}) {
    const auto found = files.find(name);
    if (found == files.end()) continue;
    if (auto text = gather.take(substitute(found->second, name, variables)))
      found->second = std::move(*text);
  }
}

// The params to use: those given, else the project's own; nothing when there are none.
std::optional<std::pair<std::string, std::string>> pick_params(Files& files,
                                                               const Preparation& preparation) {
  const auto own = files.find(kParamsFile);
  if (preparation.params_text.has_value())
    return std::pair(preparation.params_file, *preparation.params_text);
  if (own == files.end()) return std::nullopt;
  return std::pair(std::string(kParamsFile), own->second);
}

}  // namespace

model::Result<std::string> substitute(const std::string& text, const std::string& file,
                                      const Variables& variables) {
  std::string result;
  Gather gather;
  uint32_t line = 1;
  for (size_t begin = 0; begin < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    substitute_line(std::string_view(text).substr(begin, end - begin),
                    fmt::format("{}:{}:", file, line), variables, result, gather);
    begin = end;
  }
  if (!gather.findings.empty()) return model::refuse(gather.problem());
  return result;
}

model::Result<std::vector<std::string>> environments_of(const std::string& params_text,
                                                        const std::string& file) {
  ASSIGN_OR_REFUSE(const Tree params, read_params(params_text, file));
  return names_in(params);
}

model::Result<Files> prepare_project(Files wrapped, const Preparation& preparation) {
  ASSIGN_OR_REFUSE(Files files, unwrap(std::move(wrapped)));
  Gather gather;
  substitute_files(files, preparation.variables, gather);
  auto params = pick_params(files, preparation);
  if (params.has_value()) {
    auto text = gather.take(substitute(params->second, params->first, preparation.variables));
    if (text.has_value()) params->second = std::move(*text);
  } else if (!preparation.environment.empty()) {
    gather.refuse(kParamsFile,
                  fmt::format("is missing: there are no params to take environment {} from",
                              model::shown(preparation.environment)));
  }
  if (!gather.findings.empty()) return model::refuse(gather.problem());
  files.erase(kParamsFile);
  if (!params.has_value()) {
    CHECK_OR_REFUSE(read_project(files));
    return files;
  }
  ASSIGN_OR_REFUSE(Tree tree, read_params(params->second, params->first));
  ASSIGN_OR_REFUSE(std::string root, choose(tree, preparation.environment));
  const Configs configs{.tree = std::move(tree), .root = std::move(root)};
  CHECK_OR_REFUSE(read_project_with(files, &configs));
  files[kChosenParamsFile] = write_yaml(configs.tree.value.at(Json::json_pointer(configs.root)));
  return files;
}

model::Result<Files> with_targets(Files files, const std::vector<DeploymentTarget>& targets) {
  for (const char* const name : {"deployment_environments.yaml", "deployment_environments.yml",
                                 "deployment_environments.json"}) {
    files.erase(name);
  }
  if (!targets.empty())
    files["deployment_environments.yaml"] = write_yaml(targets_document(targets));
  const auto chosen = files.find(kChosenParamsFile);
  if (chosen == files.end()) return files;
  ASSIGN_OR_REFUSE(Tree tree, read_tree(chosen->second, kChosenParamsFile));
  for (const char* const root : {"", "/configs"}) {
    const Json::json_pointer place(root);
    if (tree.value.contains(place) && tree.value[place].is_object())
      tree.value[place].erase("deploymentEnvironments");
  }
  chosen->second = write_yaml(tree.value);
  return files;
}

}  // namespace apim::import
