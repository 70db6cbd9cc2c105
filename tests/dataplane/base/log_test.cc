// What a log line promises: one line, no secrets, nobody waits for it.

#include "base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace apim::log {
namespace {

constexpr uint64_t kMoment = 1'769'904'000'123;  // 2026-02-01T00:00:00.123Z

// Puts a pipe in stderr's place until it dies.
class StderrPipe {
 public:
  StderrPipe() {
    saved_ = dup(STDERR_FILENO);
    EXPECT_EQ(pipe2(ends_.data(), O_NONBLOCK), 0);
    dup2(ends_[1], STDERR_FILENO);
  }
  ~StderrPipe() {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    close(ends_[0]);
    close(ends_[1]);
  }
  std::string read_all() {
    std::string text;
    std::array<char, 4096> chunk;
    ssize_t got = 0;
    while ((got = read(ends_[0], chunk.data(), chunk.size())) > 0) {
      text.append(chunk.data(), static_cast<size_t>(got));
    }
    return text;
  }
  void fill() {
    const std::array<char, 4096> bytes{};
    while (write(ends_[1], bytes.data(), bytes.size()) > 0) {
    }
  }

 private:
  int saved_ = -1;
  std::array<int, 2> ends_{};
};

TEST(Log, ALineIsTimeLevelEventAndFields) {
  EXPECT_EQ(format(Level::Warn, kMoment, "upstream_refused",
                   {{"route", "pets"}, {"errno", 111}, {"ok", false}, {"bytes", uint64_t{7}}}),
            "2026-02-01T00:00:00.123Z warn upstream_refused route=pets errno=111 ok=false bytes=7");
}

TEST(Log, ControlBytesNeverStartANewLine) {
  EXPECT_EQ(format(Level::Info, 0, "e", {{"path", "/a\r\n2026 error forged\x1b[0m"}}),
            "1970-01-01T00:00:00.000Z info e path=\"/a\\x0d\\n2026 error forged\\x1b[0m\"");
}

TEST(Log, ValuesThatCouldBeMisreadAreQuoted) {
  EXPECT_EQ(format(Level::Info, 0, "e", {{"a", ""}, {"b", "x=y"}, {"c", "\"\\"}, {"d", "\xff"}}),
            "1970-01-01T00:00:00.000Z info e a=\"\" b=\"x=y\" c=\"\\\"\\\\\" d=\"\\xff\"");
}

TEST(Log, ARedactedValueShowsNothing) {
  EXPECT_EQ(format(Level::Info, 0, "e", {{"key", Redacted{}}}),
            "1970-01-01T00:00:00.000Z info e key=***");
}

TEST(Log, ALongLineIsCutAndSaysSo) {
  const std::string line = format(Level::Info, 0, "e", {{"path", std::string(100'000, 'a')}});
  EXPECT_EQ(line.size(), kLineBytesMax);
  EXPECT_TRUE(line.ends_with(" cut=true"));
}

TEST(Log, LevelsBelowTheSettingAreLeftOut) {
  StderrPipe pipe;
  set_level(Level::Warn);
  info("left_out");
  warn("written");
  set_level(Level::Info);
  const std::string text = pipe.read_all();
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("left_out")));
  EXPECT_THAT(text, testing::HasSubstr(" warn written\n"));
}

TEST(Log, AFullPipeLosesLinesButBlocksNobodyAndIsConfessed) {
  StderrPipe pipe;
  pipe.fill();
  error("lost");
  error("lost");
  pipe.read_all();
  error("found");
  EXPECT_THAT(pipe.read_all(), testing::HasSubstr("error found lines_left_out=2\n"));
}

TEST(LogValve, AFloodIsCutToItsBoundAndTheNextSecondIsFree) {
  Valve valve;
  for (uint32_t i = 0; i < kLinesPerSecondMax; ++i) ASSERT_TRUE(valve.admits(7));
  EXPECT_FALSE(valve.admits(7));
  EXPECT_FALSE(valve.admits(7));
  EXPECT_TRUE(valve.admits(8));
  EXPECT_EQ(valve.take_left_out(), 2u);
  EXPECT_EQ(valve.take_left_out(), 0u);
}

}  // namespace
}  // namespace apim::log
