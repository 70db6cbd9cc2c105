// What the access log promises: a line for every record, or a count of those lost; nobody waits.

#include "observe/access.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace apim::observe {
namespace {

using testing::HasSubstr;

void wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_TRUE(condition());
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

AccessRecord record_of(uint8_t worker, uint64_t number) {
  AccessRecord record;
  record.worker = worker;
  record.epoch = number;
  record.path = "/pets";
  return record;
}

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest()
      : path_(testing::TempDir() + "/access." + std::to_string(getpid())), moved_(path_ + ".1") {
    remove_files();
  }
  ~AccessLogTest() override { remove_files(); }
  void remove_files() const {
    unlink(path_.c_str());
    unlink(moved_.c_str());
  }

  std::string path_;
  std::string moved_;
};

TEST_F(AccessLogTest, EveryRecordOfEveryWorkerBecomesALine) {
  constexpr uint64_t kEach = 2'000;
  {
    auto log = AccessLog::open(path_, 2);
    ASSERT_TRUE(log.has_value());
    std::vector<std::thread> workers;
    for (uint8_t w = 0; w < 2; ++w) {
      workers.emplace_back([&, w] {
        for (uint64_t i = 0; i < kEach; ++i) (*log)->ring(w).push(record_of(w, i));
      });
    }
    for (std::thread& worker : workers) worker.join();
    EXPECT_EQ((*log)->dropped(), 0u);
  }
  const auto lines = lines_of(path_);
  EXPECT_EQ(lines.size(), 2 * kEach);
  for (const std::string& line : lines) {
    ASSERT_TRUE(line.starts_with("{\"time\":")) << line;
    ASSERT_TRUE(line.ends_with("}")) << line;
  }
}

TEST_F(AccessLogTest, ALineAppearsWithoutTheRingBeingFull) {
  auto log = AccessLog::open(path_, 1);
  ASSERT_TRUE(log.has_value());
  (*log)->ring(0).push(record_of(0, 7));
  wait_until([&] { return lines_of(path_).size() == 1; });
  EXPECT_THAT(lines_of(path_)[0], HasSubstr("\"epoch\":7"));
}

TEST_F(AccessLogTest, ReopenGoesOnInANewFileAndLosesNothing) {
  auto log = AccessLog::open(path_, 1);
  ASSERT_TRUE(log.has_value());
  (*log)->ring(0).push(record_of(0, 1));
  wait_until([&] { return lines_of(path_).size() == 1; });
  ASSERT_EQ(std::rename(path_.c_str(), moved_.c_str()), 0);
  (*log)->reopen();
  wait_until([&] { return access(path_.c_str(), F_OK) == 0; });
  (*log)->ring(0).push(record_of(0, 2));
  log->reset();
  EXPECT_THAT(lines_of(moved_), testing::ElementsAre(HasSubstr("\"epoch\":1")));
  EXPECT_THAT(lines_of(path_), testing::ElementsAre(HasSubstr("\"epoch\":2")));
}

TEST_F(AccessLogTest, AFullDiskLosesCountedRecordsOnly) {
  auto log = AccessLog::open("/dev/full", 1);
  ASSERT_TRUE(log.has_value());
  for (uint64_t i = 0; i < 10; ++i) EXPECT_TRUE((*log)->ring(0).push(record_of(0, i)));
  wait_until([&] { return (*log)->dropped() == 10; });
}

TEST_F(AccessLogTest, AStalledReaderDropsRecordsAndHoldsNobody) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  auto log = AccessLog::open(path_, 1);
  ASSERT_TRUE(log.has_value());
  uint64_t pushed = 0;
  while ((*log)->ring(0).push(record_of(0, pushed)))
    ++pushed;  // Ends only because the ring is full.
  EXPECT_GE((*log)->dropped(), 1u);
  log->reset();  // Ends although the reader still does not read.
}

TEST_F(AccessLogTest, AnImpossibleTargetIsRefusedAtTheStart) {
  const auto log = AccessLog::open("/nonexistent/access.log", 1);
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, FaultCode::SystemRefused);
}

}  // namespace
}  // namespace apim::observe
