// What migrations promise: all or nothing, once, in order, and never over a schema they do not
// know.

#include "store/migrate.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "controller/store/support_store.h"

namespace apim::store {
namespace {

STORE_SUITE(MigrateTest);
STORE_SUITE_ON(MigrateOverNetTest, Dialect::Postgres);

const std::vector<Role> kBoth{Role::Apim, Role::Shared};

MigrationFile step(uint32_t number, const std::string& text) {
  return {.number = number,
          .name = "000" + std::to_string(number) + "_step",
          .text = "--@database apim\n" + text};
}

// Whether a table can be read.
bool exists(Database& database, const std::string& table) {
  return database.read([&](Transaction& tx) { return tx.number("SELECT COUNT(*) FROM " + table); })
      .has_value();
}

TEST(Migrations, AreNumberedWithoutGapsAndNameTheirDatabase) {
  uint32_t expected = 1;
  for (const MigrationFile& file : embedded_migrations()) {
    EXPECT_EQ(file.number, expected++);
    EXPECT_EQ(file.text.rfind("--@database ", 0), 0u) << file.name;
  }
  EXPECT_GE(expected, 6u);
}

TEST_P(MigrateTest, AppliesEverythingOnce) {
  const auto database = must(Database::open(settings_of(new_url("fresh"))));
  EXPECT_EQ(must(migrate(*database, kBoth)), embedded_migrations().size());
  EXPECT_EQ(must(migrate(*database, kBoth)), 0u);
  EXPECT_TRUE(exists(*database, "am_api"));
  EXPECT_TRUE(exists(*database, "um_user"));
}

TEST_P(MigrateTest, ADatabaseGetsOnlyTheTablesOfItsRoles) {
  const auto shared = must(Database::open(settings_of(new_url("shared"))));
  EXPECT_EQ(must(migrate(*shared, {Role::Shared})), 1u);
  EXPECT_TRUE(exists(*shared, "um_user"));
  EXPECT_FALSE(exists(*shared, "am_api"));
}

TEST_P(MigrateTest, RefusesASchemaOfANewerController) {
  const auto database = must(Database::open(settings_of(new_url("newer"))));
  const MigrationFile one = step(1, "CREATE TABLE one (n BIGINT);\n");
  const MigrationFile two = step(2, "CREATE TABLE two (n BIGINT);\n");
  must(migrate(*database, {Role::Apim}, {one, two}));
  const Problem problem = refused(migrate(*database, {Role::Apim}, {one}));
  EXPECT_NE(problem.description.find("0002_step"), std::string::npos);
  EXPECT_NE(problem.description.find("older than the database"), std::string::npos);
}

TEST_P(MigrateTest, RefusesAMigrationWhoseTextChanged) {
  const auto database = must(Database::open(settings_of(new_url("changed"))));
  must(migrate(*database, {Role::Apim}, {step(1, "CREATE TABLE one (n BIGINT);\n")}));
  const Problem problem = refused(migrate(
      *database, {Role::Apim},
      {step(1, "CREATE TABLE one (m BIGINT);\n"), step(2, "CREATE TABLE two (n BIGINT);\n")}));
  EXPECT_NE(problem.description.find("0001_step"), std::string::npos);
  EXPECT_FALSE(exists(*database, "two")) << "nothing is touched before the check";
}

TEST_P(MigrateTest, AFailingStatementTakesItsWholeMigrationBack) {
  const auto database = must(Database::open(settings_of(new_url("failing"))));
  const MigrationFile one = step(1, "CREATE TABLE one (n BIGINT);\n");
  const Problem problem = refused(migrate(
      *database, {Role::Apim}, {one, step(2, "CREATE TABLE two (n BIGINT);\nCREATE NONSENSE;\n")}));
  EXPECT_NE(problem.description.find("migration 0002_step"), std::string::npos);
  EXPECT_TRUE(exists(*database, "one"));
  EXPECT_FALSE(exists(*database, "two"));
  EXPECT_EQ(
      must(migrate(*database, {Role::Apim}, {one, step(2, "CREATE TABLE two (n BIGINT);\n")})), 1u);
}

TEST_P(MigrateTest, StatementsOfTheOtherDatabaseAreLeftOut) {
  const auto database = must(Database::open(settings_of(new_url("dialects"))));
  must(migrate(*database, {Role::Apim},
               {step(1,
                     "CREATE TABLE one (n {text} NOT NULL);\n--@sqlite\nCREATE TABLE lite (n "
                     "BIGINT);\n--@postgres\nCREATE TABLE post (n BIGINT);\n")}));
  EXPECT_EQ(exists(*database, "lite"), GetParam() == Dialect::Sqlite);
  EXPECT_EQ(exists(*database, "post"), GetParam() == Dialect::Postgres);
}

// The role the controller works with needs no right to make tables once they are there.
TEST_P(MigrateOverNetTest, AMigratedDatabaseNeedsNoMoreRights) {
  const std::string role = "worker" + std::to_string(getpid());
  write([&](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(tx.run("CREATE ROLE " + role + " LOGIN"));
    CHECK_OR_REFUSE(tx.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC"));
    CHECK_OR_REFUSE(
        tx.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role));
    return {};
  });
  std::string url = url_;
  url.replace(url.find("apim@"), 4, role);
  StoreSettings modest = settings();
  modest.apim_url = modest.shared_url = url;
  const auto store = must(Store::open(modest));
  EXPECT_FALSE(store->write([](Transaction& tx) { return tx.run("CREATE TABLE x (n BIGINT)"); }));
  must(store->write([](Transaction& tx) { return tx.changed(model::Change::Kind::Deny, 0); }));
}

TEST_P(MigrateTest, ControllersStartingTogetherTakeTurns) {
  const std::string url = new_url("together");
  std::vector<std::thread> threads;
  std::atomic<uint32_t> applied = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto database = must(Database::open(settings_of(url)));
      applied += must(migrate(*database, kBoth));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(applied, embedded_migrations().size());
}

// Kills a migrating process at many moments. Whatever the moment: a migration is recorded exactly
// when its tables are there, and the next start completes the rest.
TEST_P(MigrateTest, AKillAtAnyMomentLeavesWholeMigrations) {
  std::vector<MigrationFile> files;
  for (uint32_t number = 1; number <= 6; ++number) {
    std::string text;
    for (const char* part : {"a", "b", "c", "d"}) {
      text += "CREATE TABLE t" + std::to_string(number) + part + " (n BIGINT);\n";
    }
    files.push_back(step(number, text));
  }
  const auto run = [&](const std::string& url) {
    const auto database = must(Database::open(settings_of(url)));
    must(migrate(*database, {Role::Apim}, files));
  };
  using namespace std::chrono;
  const auto start = steady_clock::now();
  EXPECT_EQ(in_child([&, url = new_url("whole")] { run(url); }), 0);
  const auto whole = steady_clock::now() - start;

  constexpr int kMoments = 16;
  int interrupted = 0;
  for (int moment = 0; moment < kMoments; ++moment) {
    SCOPED_TRACE(moment);
    const std::string url = new_url("killed" + std::to_string(moment));
    const pid_t child = fork();
    if (child == 0) {
      try {
        run(url);
      } catch (const std::exception&) {
        _exit(1);
      }
      _exit(0);
    }
    std::this_thread::sleep_for(whole * moment / kMoments);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    interrupted += WIFSIGNALED(status) ? 1 : 0;

    const auto database = must(Database::open(settings_of(url)));
    const auto recorded = database->read(
        [](Transaction& tx) { return tx.number("SELECT COUNT(*) FROM apim_migration"); });
    const int64_t count = recorded ? *recorded : 0;
    for (const MigrationFile& file : files) {
      for (const char* part : {"a", "b", "c", "d"}) {
        EXPECT_EQ(exists(*database, "t" + std::to_string(file.number) + part),
                  file.number <= count);
      }
    }
    EXPECT_EQ(must(migrate(*database, {Role::Apim}, files)),
              files.size() - static_cast<size_t>(count));
  }
  EXPECT_GT(interrupted, 0);
}

}  // namespace
}  // namespace apim::store
