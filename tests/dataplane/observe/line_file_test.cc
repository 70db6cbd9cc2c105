// What a line file promises: whole lines, no endless waits.

#include "observe/line_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>

namespace apim::observe {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class LineFileTest : public testing::Test {
 protected:
  LineFileTest() : path_(testing::TempDir() + "/line_file." + std::to_string(getpid())) {
    unlink(path_.c_str());
  }
  ~LineFileTest() override { unlink(path_.c_str()); }

  std::string path_;
  LineFile file_;
};

TEST_F(LineFileTest, AppendsToWhatIsThere) {
  std::ofstream(path_) << "old\n";
  ASSERT_TRUE(file_.open(path_).has_value());
  EXPECT_EQ(file_.write("new\n", 0), 4u);
  EXPECT_EQ(text_of(path_), "old\nnew\n");
}

TEST_F(LineFileTest, OthersMayNotReadIt) {
  ASSERT_TRUE(file_.open(path_).has_value());
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07, 0u);
}

TEST_F(LineFileTest, AFailedReopenKeepsTheOldFile) {
  ASSERT_TRUE(file_.open(path_).has_value());
  EXPECT_FALSE(file_.open("/nonexistent/access.log").has_value());
  EXPECT_EQ(file_.write("kept\n", 0), 5u);
  EXPECT_EQ(text_of(path_), "kept\n");
}

TEST_F(LineFileTest, AFullDiskIsAnErrorWithItsReason) {
  ASSERT_TRUE(file_.open("/dev/full").has_value());
  errno = 0;
  EXPECT_EQ(file_.write("line\n", 0), 0u);
  EXPECT_EQ(errno, ENOSPC);
}

TEST_F(LineFileTest, AStalledReaderEndsTheWait) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  ASSERT_TRUE(file_.open(path_).has_value());
  std::string lines;
  for (int i = 0; i < 4000; ++i) lines += std::string(99, 'x') + "\n";
  const size_t written = file_.write(lines, 1);
  EXPECT_EQ(errno, 0);
  EXPECT_GT(written, 0u);
  EXPECT_LT(written, lines.size());
  EXPECT_EQ(written % 100, 0u);
}

}  // namespace
}  // namespace apim::observe
