// Reading a folder.

#include "import/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string pattern = (fs::temp_directory_path() / "apim-files-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~FilesTest() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  fs::path folder_;
};

TEST_F(FilesTest, TakesEverythingButHiddenFiles) {
  put("api.yaml", "a");
  put("Docs/b/c.txt", std::string("\0x", 2));
  put(".git/config", "no");
  put("Docs/.hidden", "no");
  const auto files = read_folder(folder_);
  ASSERT_TRUE(files.has_value()) << told(files.error());
  EXPECT_EQ(*files, (Files{{"api.yaml", "a"}, {"Docs/b/c.txt", std::string("\0x", 2)}}));
}

TEST_F(FilesTest, RefusesLinksAndSpecialFiles) {
  put("api.yaml", "a");
  fs::create_symlink("/etc/passwd", folder_ / "Docs");
  EXPECT_THAT(told(read_folder(folder_).error()), testing::HasSubstr("Docs is a symbolic link"));
  fs::remove(folder_ / "Docs");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(told(read_folder(folder_).error()),
              testing::HasSubstr("pipe is neither a file nor a folder"));
}

TEST_F(FilesTest, HoldsItsBounds) {
  put("a", "12345");
  put("b", "12345");
  EXPECT_THAT(told(read_folder(folder_, {.files_max = 1}).error()),
              testing::HasSubstr("one file too many"));
  EXPECT_THAT(told(read_folder(folder_, {.file_bytes_max = 4}).error()),
              testing::HasSubstr("at most 4 are read"));
  EXPECT_THAT(told(read_folder(folder_, {.total_bytes_max = 9}).error()),
              testing::HasSubstr("larger than 9 bytes"));
  EXPECT_TRUE(read_folder(folder_, {.files_max = 2, .file_bytes_max = 5, .total_bytes_max = 10})
                  .has_value());
}

TEST_F(FilesTest, RefusesWhatIsNotThere) {
  EXPECT_FALSE(read_folder(folder_ / "nothing").has_value());
}

}  // namespace
}  // namespace apim::import
