#include "publish/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/publish/support_world.h"

namespace apim::publish {
namespace {

using support::must;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Files, WhatIsReplacedIsReadBackAndNothingIsLeftBeside) {
  const support::TemporaryFolder folder;
  must(replace_file(folder.path("a"), "one"));
  must(replace_file(folder.path("a"), std::string("t\0wo", 4)));
  EXPECT_EQ(must(read_file(folder.path("a"))), std::string("t\0wo", 4));
  EXPECT_THAT(list_directory(folder.path()), ElementsAre("a"));
}

TEST(Files, AMissingFileIsEmptyAndAMissingFolderToo) {
  const support::TemporaryFolder folder;
  EXPECT_EQ(must(read_file(folder.path("none"))), "");
  EXPECT_THAT(list_directory(folder.path("none")), IsEmpty());
}

TEST(Files, AProblemNamesTheFileAndTheReason) {
  const support::TemporaryFolder folder;
  const auto written = replace_file(folder.path("none/a"), "x");
  ASSERT_FALSE(written.has_value());
  EXPECT_THAT(written.error().description, HasSubstr(folder.path("none/a")));
  EXPECT_THAT(written.error().description, HasSubstr("No such file or directory"));
}

TEST(Files, ALockIsHeldOnce) {
  const support::TemporaryFolder folder;
  FileLock one;
  FileLock two;
  EXPECT_TRUE(one.try_lock(folder.path("lock")));
  EXPECT_FALSE(two.try_lock(folder.path("lock")));
  one.unlock();
  must(two.lock(folder.path("lock")));
  EXPECT_TRUE(two.is_locked());
}

}  // namespace
}  // namespace apim::publish
