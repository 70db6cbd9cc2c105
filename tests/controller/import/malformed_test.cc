// The malformed projects and documents under malformed/: each is refused with everything its
// `expect` says.
//
// A case is a folder with `expect` (one line: one text the refusal holds) and either input.zip,
// openapi.yaml, openapi.json, or project/. tests/scenes deploys the same ones through apimctl.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "controller/import/support_project.h"
#include "import/openapi.h"
#include "import/params.h"
#include "import/source.h"

namespace apim::import {
namespace {

namespace fs = std::filesystem;

fs::path corpus() { return fs::path(APIM_SOURCE_DIR) / "tests/controller/import/malformed"; }

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(corpus())) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path input_of(const fs::path& folder) {
  for (const char* const name : {"input.zip", "openapi.yaml", "openapi.json"}) {
    if (fs::exists(folder / name)) return folder / name;
  }
  return folder / "project";
}

// As apimctl takes it in. "" when nothing was wrong.
std::string refusal_of(const fs::path& input) {
  const auto source = read_source(input);
  if (!source) return told(source.error());
  if (source->kind == Source::Kind::OpenApi) {
    const auto& [file, text] = *source->files.begin();
    const auto project = read_openapi(text, file, {});
    return project ? "" : told(project.error());
  }
  const auto prepared = prepare_project(source->files, {});
  return prepared ? "" : told(prepared.error());
}

class Malformed : public testing::TestWithParam<std::string> {};

TEST_P(Malformed, IsRefusedWithThePlaceAndTheReason) {
  const fs::path folder = corpus() / GetParam();
  const std::string refusal = refusal_of(input_of(folder));
  ASSERT_NE(refusal, "");
  std::istringstream expectations(read_test_file((folder / "expect").string()));
  size_t count = 0;
  for (std::string line; std::getline(expectations, line); ++count) {
    EXPECT_THAT(refusal, testing::HasSubstr(line));
  }
  EXPECT_GT(count, 0U);
}

INSTANTIATE_TEST_SUITE_P(Corpus, Malformed, testing::ValuesIn(cases()),
                         [](const auto& instance) { return instance.param; });

TEST(MalformedCorpus, HasAtLeastFortyCases) { EXPECT_GE(cases().size(), 40U); }

}  // namespace
}  // namespace apim::import
