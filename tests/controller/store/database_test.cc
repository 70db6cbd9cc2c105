// What a Database promises about units of work, on both databases.

#include "store/database.h"

#include <csignal>
#include <thread>
#include <vector>

#include "controller/store/support_store.h"

namespace apim::store {
namespace {

STORE_SUITE(DatabaseTest);
STORE_SUITE_ON(DatabaseOverNetTest, Dialect::Postgres);

Result<int64_t> counter(Transaction& tx) { return tx.number("SELECT n FROM scratch"); }

Result<void> make_scratch(Transaction& tx) {
  CHECK_OR_REFUSE(tx.run("CREATE TABLE scratch (n BIGINT NOT NULL)"));
  CHECK_OR_REFUSE(tx.run("INSERT INTO scratch (n) VALUES (0)"));
  return {};
}

Result<void> add_one(Transaction& tx) {
  CHECK_OR_REFUSE(tx.run("UPDATE scratch SET n = n + 1"));
  return {};
}

TEST_P(DatabaseTest, AValueCommitsAndAProblemRollsBack) {
  write(make_scratch);
  write(add_one);
  const Problem problem = refusal([](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(add_one(tx));
    return model::refuse(model::conflict(1, "no", "not today"));
  });
  EXPECT_EQ(problem.description, "not today");
  EXPECT_EQ(read(counter), 1);
}

TEST_P(DatabaseTest, AnOverlookedFailureNeverCommits) {
  write(make_scratch);
  const Problem problem = refusal([](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(add_one(tx));
    (void)tx.run("INSERT INTO nowhere (n) VALUES (1)");
    return {};
  });
  EXPECT_EQ(problem.http_status, 500);
  EXPECT_EQ(read(counter), 0);
}

TEST_P(DatabaseTest, AnExceptionInTheWorkRollsBackAndStaysInside) {
  write(make_scratch);
  const Problem problem = refusal([](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(add_one(tx));
    throw std::runtime_error("from somewhere else");
  });
  EXPECT_EQ(problem.description, "from somewhere else");
  EXPECT_EQ(read(counter), 0);
  write(add_one);
  EXPECT_EQ(read(counter), 1);
}

TEST_P(DatabaseTest, AReadRefusesToWrite) {
  write(make_scratch);
  refused(store_->read(add_one));
  EXPECT_EQ(read(counter), 0);
}

TEST_P(DatabaseTest, AReadSeesOneMoment) {
  write(make_scratch);
  const auto [before, after] = read([&](Transaction& tx) -> Result<std::pair<int64_t, int64_t>> {
    ASSIGN_OR_REFUSE(const int64_t first, counter(tx));
    std::thread([&] { write(add_one); }).join();
    ASSIGN_OR_REFUSE(const int64_t second, counter(tx));
    return std::pair(first, second);
  });
  EXPECT_EQ(before, after);
  EXPECT_EQ(read(counter), 1);
}

// Read, then write what was read: lost updates would show. Two Database objects are two
// controllers.
TEST_P(DatabaseTest, WritersOfTwoControllersFollowOneAnother) {
  write(make_scratch);
  constexpr int kRounds = 100;
  const auto work = [&] {
    const auto database = must(Database::open(settings_of(url_)));
    for (int i = 0; i < kRounds; ++i) {
      must(database->write([](Transaction& tx) -> Result<void> {
        ASSIGN_OR_REFUSE(const int64_t seen, counter(tx));
        CHECK_OR_REFUSE(tx.run("UPDATE scratch SET n = ?", {seen + 1}));
        return {};
      }));
    }
  };
  std::thread first(work);
  std::thread second(work);
  first.join();
  second.join();
  EXPECT_EQ(read(counter), 2 * kRounds);
}

TEST_P(DatabaseTest, ManyThreadsShareAFewConnections) {
  write(make_scratch);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        if (!store_->write(add_one) || !store_->read(counter)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(read(counter), 160);
}

TEST_P(DatabaseTest, AKilledWriterLeavesNothing) {
  write(make_scratch);
  write(add_one);
  store_.reset();
  const int status = in_child([&] {
    const auto database = must(Database::open(settings_of(url_)));
    (void)database->write([](Transaction& tx) -> Result<void> {
      for (int i = 0; i < 100; ++i) CHECK_OR_REFUSE(add_one(tx));
      kill(getpid(), SIGKILL);
      return {};
    });
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  store_ = must(Store::open(settings()));
  EXPECT_EQ(read(counter), 1);
  write(add_one);
  EXPECT_EQ(read(counter), 2);
}

TEST_P(DatabaseTest, WhatWasCommittedSurvivesAKill) {
  write(make_scratch);
  store_.reset();
  const int status = in_child([&] {
    const auto database = must(Database::open(settings_of(url_)));
    must(database->write(add_one));
    kill(getpid(), SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  store_ = must(Store::open(settings()));
  EXPECT_EQ(read(counter), 1);
}

TEST_P(DatabaseTest, TheListenerHearsOfCommittedEpochsOnly) {
  const auto database = must(Database::open(settings_of(url_)));
  std::vector<uint64_t> heard;
  database->on_epoch([&](uint64_t epoch) { heard.push_back(epoch); });
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  must(database->write([](Transaction& tx) { return tx.changed(model::Change::Kind::Deny, 0); }));
  refused(database->write([](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Deny, 0));
    return model::refuse(model::conflict(1, "no", "no"));
  }));
  EXPECT_EQ(heard, std::vector<uint64_t>{before + 1});
}

// The server drops our connection while the work runs.
TEST_P(DatabaseOverNetTest, ALostConnectionIsReplacedAndTheWorkRunsAgain) {
  write(make_scratch);
  int runs = 0;
  write([&](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(add_one(tx));
    if (++runs == 1) {
      ASSIGN_OR_REFUSE(const int64_t pid, tx.number("SELECT pg_backend_pid()"));
      const auto other = must(Database::open(settings_of(url_)));
      must(other->read([&](Transaction& killer) {
        return killer.number("SELECT CAST(pg_terminate_backend(CAST(? AS INTEGER)) AS INTEGER)",
                             {pid});
      }));
    }
    return add_one(tx);
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(read(counter), 2);
}

}  // namespace
}  // namespace apim::store
