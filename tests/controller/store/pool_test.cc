// How connections are opened and lent.

#include "store/pool.h"

#include <chrono>
#include <future>
#include <thread>

#include "controller/store/support_store.h"

namespace apim::store {
namespace {

STORE_SUITE(PoolTest);

TEST_P(PoolTest, OnlyOneWriterAtATimeAndTheNextWaits) {
  std::promise<void> inside;
  std::promise<void> leave;
  std::thread first([&] {
    write([&](Transaction&) -> Result<int> {
      inside.set_value();
      leave.get_future().wait();
      return 1;
    });
  });
  inside.get_future().wait();
  std::atomic<bool> done = false;
  std::thread second([&] {
    write([&](Transaction&) -> Result<int> { return 2; });
    done = true;
  });
  EXPECT_EQ(read([](Transaction& tx) { return tx.epoch(); }) > 0, true) << "readers do not wait";
  EXPECT_FALSE(done);
  leave.set_value();
  first.join();
  second.join();
  EXPECT_TRUE(done);
}

TEST_P(PoolTest, WaitingForAWriterEndsWithAProblem) {
  DatabaseSettings settings = settings_of(url_);
  settings.busy_ms = 20;
  const auto database = must(Database::open(settings));
  const auto other = must(Database::open(settings));
  must(database->write([&](Transaction&) -> Result<int> {
    const Problem same = refused(database->write([](Transaction&) -> Result<int> { return 1; }));
    EXPECT_EQ(same.http_status, 503);
    const Problem elsewhere = refused(other->write([](Transaction&) -> Result<int> { return 1; }));
    EXPECT_EQ(elsewhere.http_status, 503);
    return 0;
  }));
}

TEST(Pool, AnUrlOfAnotherKindIsExplained) {
  for (const char* url : {"", "mysql://host/db", "sqlite3://", "/var/lib/apim.db"}) {
    const Problem problem = refused(Database::open({.url = url}));
    EXPECT_NE(problem.description.find("sqlite3:///path"), std::string::npos) << url;
  }
}

TEST(Pool, AFileThatCannotBeMadeIsNamed) {
  const Problem problem = refused(Database::open({.url = "sqlite3:///no/such/folder/apim.db"}));
  EXPECT_EQ(problem.http_status, 503);
  EXPECT_NE(problem.description.find("/no/such/folder/apim.db"), std::string::npos);
}

TEST(Pool, AFileNameMayHoldSpaces) {
  const auto file =
      std::filesystem::temp_directory_path() / ("apim pool " + std::to_string(getpid()) + ".db");
  must(Database::open({.url = "sqlite3://" + file.string()}));
  EXPECT_TRUE(std::filesystem::exists(file));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
}

TEST_P(PoolTest, FilesAreTheOwnersOnly) {
  if (GetParam() != Dialect::Sqlite) GTEST_SKIP() << "its server keeps its own files";
  constexpr auto kOthers = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(entry.status().permissions() & kOthers, std::filesystem::perms::none) << entry;
    ++files;
  }
  EXPECT_EQ(files, 3U);
}

TEST(Pool, ADatabaseMadeReadableForAllIsClosed) {
  const auto file =
      std::filesystem::temp_directory_path() / ("apim open " + std::to_string(getpid()) + ".db");
  must(Database::open({.url = "sqlite3://" + file.string()}));
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  must(Database::open({.url = "sqlite3://" + file.string()}));
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0640));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
}

TEST(Pool, ThePasswordIsNeverShown) {
  const Problem problem =
      refused(Database::open({.url = "postgresql://bob:geheim@127.0.0.1:1/apim"}));
  EXPECT_EQ(problem.http_status, 503);
  EXPECT_EQ(problem.description.find("geheim"), std::string::npos) << problem.description;
  EXPECT_NE(problem.description.find("bob:***@127.0.0.1"), std::string::npos);
}

}  // namespace
}  // namespace apim::store
