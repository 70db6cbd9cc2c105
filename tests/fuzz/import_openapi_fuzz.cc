// OpenAPI: any text is a definition that is kept in one form and becomes an API, or a list of
// findings.

#include "import/openapi.h"

#include <cassert>
#include <cstdint>
#include <string>

#include "fuzz/project.h"

namespace {

namespace import = apim::import;

// What is kept is kept the same way again, and describes the same operations.
void check_normalised(const std::string& text, const std::string& file) {
  const auto kept = import::normalise_definition(text, file);
  const auto operations = import::operations_of(text, file);
  if (!kept) return apim::fuzz::check_problem(kept.error());
  apim::fuzz::check_shown(*kept);
  const auto again = import::normalise_definition(*kept, "swagger.json");
  assert(again.has_value());
  assert(*again == *kept);
  const auto of_kept = import::operations_of(*kept, "swagger.json");
  assert(of_kept.has_value() == operations.has_value());
  if (operations) assert(of_kept->size() == operations->size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string file = text.starts_with('{') ? "openapi.json" : "openapi.yaml";
  check_normalised(text, file);
  const auto project = import::read_openapi(text, file, {.endpoint = "http://127.0.0.1:1/"});
  if (project) {
    apim::fuzz::check_comes_back(*project);
  } else {
    apim::fuzz::check_problem(project.error());
  }
  return 0;
}
