// What is promised of memory: sizes as the kernel tells them, and the tightest limit wins.

#include "gate/memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace apim::gate {
namespace {

class MemoryTest : public testing::Test {
 protected:
  MemoryTest()
      : root_(std::filesystem::temp_directory_path() /
              ("apim-memory-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(root_);
  }
  ~MemoryTest() override { std::filesystem::remove_all(root_); }
  void write(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  std::filesystem::path root_;
};

TEST_F(MemoryTest, WhatIsTouchedIsResident) {
  constexpr size_t kBytes = 64 * 1024 * 1024;
  const uint64_t before = resident_bytes();
  EXPECT_GT(before, 0U);
  void* block = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  std::memset(block, 1, kBytes);
  EXPECT_GE(resident_bytes(), before + kBytes / 2);
  ::munmap(block, kBytes);
}

TEST_F(MemoryTest, ReadsTheSecondNumberInPages) {
  write("proc/self/statm", "900 20 5 1 0 30 0\n");
  EXPECT_EQ(resident_bytes(root_), 20U * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  write("proc/self/statm", "");
  EXPECT_EQ(resident_bytes(root_), 0U);
}

TEST_F(MemoryTest, WithoutAGroupTheMachineIsTheLimit) {
  const uint64_t machine = granted_bytes(root_);
  EXPECT_GT(machine, 0U);
  EXPECT_LE(granted_bytes(), machine);
}

TEST_F(MemoryTest, TheTightestGroupOfVersion2Counts) {
  write("proc/self/cgroup", "0::/slice/service\n");
  write("sys/fs/cgroup/slice/service/memory.max", "max\n");
  write("sys/fs/cgroup/slice/memory.max", "3000000\n");
  EXPECT_EQ(granted_bytes(root_), 3'000'000U);
  write("sys/fs/cgroup/slice/service/memory.max", "2000000\n");
  EXPECT_EQ(granted_bytes(root_), 2'000'000U);
  write("sys/fs/cgroup/memory.max", "1000000\n");
  EXPECT_EQ(granted_bytes(root_), 1'000'000U);
}

TEST_F(MemoryTest, AContainersRootHasItsLimit) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "5000000\n");
  EXPECT_EQ(granted_bytes(root_), 5'000'000U);
}

TEST_F(MemoryTest, Version1HasItsOwnHierarchy) {
  write("proc/self/cgroup", "5:memory:/docker/a\n1:name=systemd:/docker/a\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes", "4000000\n");
  EXPECT_EQ(granted_bytes(root_), 4'000'000U);
}

}  // namespace
}  // namespace apim::gate
