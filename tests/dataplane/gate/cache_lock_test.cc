// What the lock of a cache directory promises: one gateway, and a way on for its successor.

#include "gate/cache_lock.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

namespace apim::gate {
namespace {

using testing::HasSubstr;

class CacheLockTest : public testing::Test {
 protected:
  CacheLockTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("apim-cache-lock-" + std::to_string(getpid()))) {}
  ~CacheLockTest() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_;
};

TEST_F(CacheLockTest, ASecondGatewayIsToldWhoHoldsIt) {
  CacheLock first;
  ASSERT_TRUE(first.open(folder_, 0));
  EXPECT_TRUE(first.is_held());
  CacheLock second;
  const auto opened = second.open(folder_, 0);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error(), HasSubstr("snapshot.cache_dir: " + folder_.string()));
  EXPECT_THAT(opened.error(), HasSubstr("gateway " + std::to_string(getpid()) + ";"));
  EXPECT_FALSE(second.is_held());
}

TEST_F(CacheLockTest, ASuccessorWaitsForItsPredecessor) {
  CacheLock first;
  ASSERT_TRUE(first.open(folder_, 0));
  CacheLock second;
  ASSERT_TRUE(second.open(folder_, getpid()));
  EXPECT_FALSE(second.is_held());
  EXPECT_FALSE(second.try_again());
  first.release();
  EXPECT_TRUE(second.try_again());
  EXPECT_TRUE(second.is_held());
}

TEST_F(CacheLockTest, WhoDoesNotHoldItIsNotReplaced) {
  CacheLock alone;
  EXPECT_THAT(alone.open(folder_, getpid() + 1).error(), HasSubstr("does not hold"));
  CacheLock holder;
  ASSERT_TRUE(holder.open(folder_, 0));
  CacheLock other;
  EXPECT_THAT(other.open(folder_, getpid() + 1).error(), HasSubstr(std::to_string(getpid())));
}

TEST_F(CacheLockTest, WithoutADirectoryThereIsNothingToHold) {
  CacheLock lock;
  ASSERT_TRUE(lock.open("", 0));
  EXPECT_TRUE(lock.try_again());
  EXPECT_FALSE(lock.is_held());
}

}  // namespace
}  // namespace apim::gate
