// What a path stands for.

#include "import/source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "controller/import/support_project.h"
#include "import/archive.h"

namespace apim::import {
namespace {

namespace fs = std::filesystem;

class SourceTest : public testing::Test {
 protected:
  SourceTest() {
    std::string pattern = (fs::temp_directory_path() / "apim-source-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SourceTest() override { fs::remove_all(folder_); }

  fs::path put(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  Source read(const fs::path& path) {
    const auto source = read_source(path);
    EXPECT_TRUE(source.has_value()) << told(source.error());
    return source.has_value() ? *source : Source{};
  }

  fs::path folder_;
};

TEST_F(SourceTest, FoldersAndZipsAreProjects) {
  put("api.yaml", tea_api());
  put("Definitions/swagger.yaml", tea_definition());
  EXPECT_EQ(read(folder_).files, tea_project());
  const fs::path zip = put("packed", write_zip(tea_project(), "Tea").value());
  EXPECT_EQ(read(zip).files, tea_project());
}

TEST_F(SourceTest, ABareApiYamlBringsItsNeighboursOnly) {
  put("Definitions/swagger.yaml", tea_definition());
  put("api_params.yaml", "p");
  put("unrelated.txt", "x");
  put("node_modules/a/b.js", "x");
  const Source source = read(put("tea.yaml", tea_api()));
  Files expected = tea_project();
  expected["api_params.yaml"] = "p";
  EXPECT_EQ(source.kind, Source::Kind::Project);
  EXPECT_EQ(source.files, expected);
}

TEST_F(SourceTest, OpenApiIsKnownByItsFirstMember) {
  const Source yaml = read(put("a.yaml", tea_definition()));
  EXPECT_EQ(yaml.kind, Source::Kind::OpenApi);
  EXPECT_EQ(yaml.files, (Files{{"a.yaml", tea_definition()}}));
  EXPECT_EQ(read(put("b.json", R"({ "swagger": "2.0" })")).kind, Source::Kind::OpenApi);
  // Not YAML before its variables are replaced.
  EXPECT_EQ(
      read(put("c.yaml", "openapi: 3.0.0\nservers: [ { url: http://${HOST}/x } ]\nx: {\n")).kind,
      Source::Kind::OpenApi);
  EXPECT_EQ(read(put("d.yaml", "type: api\ndata: { url: http://${HOST}/x }}\n")).kind,
            Source::Kind::Project);
}

TEST_F(SourceTest, AnythingElseIsRefused) {
  EXPECT_FALSE(read_source(folder_ / "nothing").has_value());
  EXPECT_FALSE(read_source(put("x.yaml", "a: 1\n")).has_value());
  EXPECT_FALSE(read_source(put("x.zip", "a: 1\n")).has_value());
}

}  // namespace
}  // namespace apim::import
