#include "import/project.h"

#include "import/layout.h"
#include "import/project_reader.h"
#include "import/tree.h"

namespace apim::import {
namespace {

// apictl writes the configs themselves; {name, configs} is taken, too.
model::Result<Configs> read_chosen_params(const std::string& text) {
  ASSIGN_OR_REFUSE(Tree tree, read_tree(text, kChosenParamsFile));
  const bool named = tree.value.is_object() && tree.value.contains("configs");
  return Configs{.tree = std::move(tree), .root = named ? "/configs" : ""};
}

}  // namespace

model::Result<Project> read_project(const Files& files) {
  ASSIGN_OR_REFUSE(const Files project, unwrap(files));
  const auto chosen = project.find(kChosenParamsFile);
  if (chosen == project.end()) return read_project_with(project, nullptr);
  ASSIGN_OR_REFUSE(const Configs configs, read_chosen_params(chosen->second));
  return read_project_with(project, &configs);
}

model::Result<Project> read_project_zip(std::string_view zip) {
  ASSIGN_OR_REFUSE(const Files files, read_zip(zip));
  return read_project(files);
}

}  // namespace apim::import
