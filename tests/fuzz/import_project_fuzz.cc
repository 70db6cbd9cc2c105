// Project: an apictl project out of any texts is an API that can be written down again, or a list
// of findings.
//
// Input: api.yaml; behind a line "%% NAME" another file of the project begins.

#include <cassert>
#include <cstdint>
#include <string>

#include "fuzz/project.h"
#include "import/files.h"
#include "import/params.h"
#include "import/path.h"
#include "import/project.h"

namespace {

namespace import = apim::import;

import::Files files_of(std::string_view input){constexpr std::string_view kMark = "\n%% ";
import::Files files;
std::string name = "api.yaml";
while (true) {
  const size_t mark = input.find(kMark);
  files[name] = input.substr(0, mark);
  if (mark == std::string_view::npos) return files;
  input.remove_prefix(mark + kMark.size());
  const size_t end = std::min(input.find('\n'), input.size());
  // Archives and folders give no other names.
  name = input.substr(0, end);
  if (!import::why_not_path(name, {}).empty()) name = "Definitions/swagger.yaml";
  input.remove_prefix(std::min(end + 1, input.size()));
}
}  // namespace

void check_prepared(const import::Files& files) {
  const auto prepared = import::prepare_project(
      files, {.variables = {{"BACKEND_PORT", "8080"}, {"HOST", "example.org"}}});
  if (!prepared) return apim::fuzz::check_problem(prepared.error());
  // It passes on the server as well.
  assert(import::read_project(*prepared).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const import::Files files = files_of({reinterpret_cast<const char*>(data), size});
  const auto project = import::read_project(files);
  if (project) {
    apim::fuzz::check_comes_back(*project);
  } else {
    apim::fuzz::check_problem(project.error());
  }
  check_prepared(files);
  return 0;
}
