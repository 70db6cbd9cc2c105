// What files promise: whole regular files only, and replacing never leaves a mix.

#include "snapshot/files.h"

#include <sys/stat.h>

#include <thread>

#include "support_hub.h"

namespace apim::snapshot {
namespace {

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Files, AreReadWhole) {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a", "hello");
  test::write_file(folder / "empty", "");
  EXPECT_EQ(text_of(*read_file(folder / "a", 5)), "hello");
  EXPECT_EQ(text_of(*read_file(folder / "empty", 0)), "");
}

TEST(Files, ThatAreMissingSaySo) {
  const test::TemporaryFolder folder;
  const auto bytes = read_file(folder / "a", 5);
  ASSERT_FALSE(bytes);
  EXPECT_TRUE(bytes.error().is_missing);
  EXPECT_NE(bytes.error().reason.find(folder / "a"), std::string::npos);
}

TEST(Files, ThatAreTooLargeOrNoRegularFilesAreRefused) {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a", "hello");
  EXPECT_FALSE(read_file(folder / "a", 4));
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  const auto fifo = read_file(folder / "fifo", 100);
  ASSERT_FALSE(fifo);
  EXPECT_FALSE(fifo.error().is_missing);
  EXPECT_FALSE(read_file(folder.path(), 100));
}

TEST(Files, AreReplaced) {
  const test::TemporaryFolder folder;
  for (const auto durability : {Durability::None, Durability::Synced}) {
    ASSERT_TRUE(replace_file(folder / "a", "one", durability));
    ASSERT_TRUE(replace_file(folder / "a", "two", durability));
    EXPECT_EQ(test::read_text(folder / "a"), "two");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  }
  const auto nowhere = replace_file(folder / "b/c", "x", Durability::None);
  ASSERT_FALSE(nowhere);
  EXPECT_TRUE(nowhere.error().is_missing);
}

TEST(Files, TwoWritersOfOnePathLeaveOneOfTheirTexts) {
  const test::TemporaryFolder folder;
  const std::string texts[] = {std::string(100'000, 'a'), std::string(50'000, 'b')};
  std::vector<std::thread> writers;
  for (const std::string& text : texts) {
    writers.emplace_back([&folder, &text] {
      for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(replace_file(folder / "a", text, Durability::None));
    });
  }
  for (int i = 0; i < 100; ++i) {
    const auto read = read_file(folder / "a", 100'000);
    EXPECT_TRUE(!read || text_of(*read) == texts[0] || text_of(*read) == texts[1]);
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Files, ALockIsForOneOrForReaders) {
  const test::TemporaryFolder folder;
  const auto take = [&](FileLock::Kind kind) { return FileLock::take(folder / "lock", kind, 0); };
  {
    const auto one = take(FileLock::Kind::Exclusive);
    ASSERT_TRUE(one);
    EXPECT_FALSE(take(FileLock::Kind::Exclusive));
    EXPECT_FALSE(take(FileLock::Kind::Shared));
  }
  const auto reader = take(FileLock::Kind::Shared);
  ASSERT_TRUE(reader);
  EXPECT_TRUE(take(FileLock::Kind::Shared));
  EXPECT_FALSE(take(FileLock::Kind::Exclusive));
}

TEST(Files, DirectoriesAreMadeAndMayExist) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(make_directories(folder / "a/b/c"));
  EXPECT_TRUE(make_directories(folder / "a/b/c"));
  test::write_file(folder / "file", "x");
  EXPECT_FALSE(make_directories(folder / "file/d"));
}

}  // namespace
}  // namespace apim::snapshot
