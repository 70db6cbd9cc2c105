// Replay: every file of a fuzz target's corpus, run through the target as a unit test.
//
// A target asserts what it promises, so a broken promise ends the process; the file's name is the
// test's.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

std::vector<std::string> corpus_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(APIM_CORPUS))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class Replay : public testing::TestWithParam<std::string> {};

TEST_P(Replay, HoldsItsPromises) {
  std::ifstream file(std::filesystem::path(APIM_CORPUS) / GetParam(), std::ios::binary);
  ASSERT_TRUE(file.good());
  // Exactly as large as the input, so that a sanitizer sees a read behind it.
  const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()),
            0);
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

// Without a corpus this fails: an uninstantiated parameterised test is an error.
INSTANTIATE_TEST_SUITE_P(Corpus, Replay, testing::ValuesIn(corpus_files()), test_name);

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
