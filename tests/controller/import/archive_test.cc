// Zips: what comes out is what went in; what is hostile stays out (most of that is in malformed/).

#include "import/archive.h"

#include <gtest/gtest.h>

#include <random>

#include "controller/import/support_project.h"

namespace apim::import {
namespace {

TEST(Archive, GivesBackWhatItTook) {
  std::minstd_rand random(7);
  Files files;
  for (int i = 0; i < 50; ++i) {
    std::string bytes(random() % 5000, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    files["folder" + std::to_string(i % 5) + "/\xC3\xA9" + std::to_string(i)] = bytes;
  }
  files["empty"] = "";
  for (const char* const root : {"", "Tea-1.0.0"}) {
    const auto zip = write_zip(files, root);
    ASSERT_TRUE(zip.has_value());
    const auto back = read_zip(*zip);
    ASSERT_TRUE(back.has_value()) << told(back.error());
    EXPECT_EQ(*back, files);
  }
}

TEST(Archive, TheSameFilesGiveTheSameBytes) {
  const Files files = {{"b", "2"}, {"a/c", std::string(10'000, 'x')}};
  EXPECT_EQ(write_zip(files, "r").value(), write_zip(files, "r").value());
}

TEST(Archive, AFolderAroundEverythingIsTakenOff) {
  EXPECT_EQ(read_zip(write_zip({{"a/b", "1"}, {"a/c/d", "2"}}, "").value()).value(),
            (Files{{"b", "1"}, {"c/d", "2"}}));
  EXPECT_EQ(read_zip(write_zip({{"a/b", "1"}, {"c", "2"}}, "").value()).value(),
            (Files{{"a/b", "1"}, {"c", "2"}}));
}

TEST(Archive, LeavesOutWhatOperatingSystemsAdd) {
  const Files files = {{"api.yaml", "1"}, {"__MACOSX/api.yaml", "x"}, {"Docs/.DS_Store", "x"}};
  EXPECT_EQ(read_zip(write_zip(files, "").value()).value(), (Files{{"api.yaml", "1"}}));
}

TEST(Archive, HoldsItsBounds) {
  const std::string zip =
      write_zip({{"a", std::string(100, 'x')}, {"b", std::string(100, 'y')}}, "").value();
  EXPECT_THAT(told(read_zip(zip, {.files_max = 1}).error()),
              testing::HasSubstr("more than 1 files"));
  EXPECT_THAT(told(read_zip(zip, {.file_bytes_max = 99}).error()),
              testing::HasSubstr("at most 99"));
  EXPECT_THAT(told(read_zip(zip, {.total_bytes_max = 199}).error()),
              testing::HasSubstr("larger than 199 bytes"));
  EXPECT_TRUE(
      read_zip(zip, {.files_max = 2, .file_bytes_max = 100, .total_bytes_max = 200}).has_value());
}

TEST(Archive, SurvivesEveryTruncationAndEveryFlippedByte) {
  const std::string zip =
      write_zip({{"api.yaml", tea_api()}, {"Definitions/swagger.yaml", tea_definition()}}, "Tea")
          .value();
  for (size_t size = 0; size < zip.size(); size += 3)
    EXPECT_FALSE(read_zip(zip.substr(0, size)).has_value()) << size;
  for (size_t at = 0; at < zip.size(); ++at) {
    std::string broken = zip;
    broken[at] = static_cast<char>(broken[at] ^ 0xFF);
    const auto files = read_zip(broken);
    if (!files.has_value()) {
      EXPECT_FALSE(files.error().findings.empty());
    }
  }
}

}  // namespace
}  // namespace apim::import
