// Which failure is which.

#include "store/sql_error.h"

#include <fstream>

#include "controller/store/support_store.h"

namespace apim::store {
namespace {

STORE_SUITE(SqlErrorTest);
STORE_SUITE_ON(SqlErrorInFileTest, Dialect::Sqlite);
STORE_SUITE_ON(SqlErrorOverNetTest, Dialect::Postgres);

Failure failure_of(Store& store, const std::string& sql) {
  Failure failure = Failure::None;
  (void)store.write([&](Transaction& tx) -> Result<void> {
    (void)tx.run(sql);
    failure = tx.failure();
    return {};
  });
  return failure;
}

TEST_P(SqlErrorTest, ADuplicateIsToldFromOtherMistakes) {
  EXPECT_EQ(failure_of(*store_, "INSERT INTO apim_sequence (name, value) VALUES ('epoch', 1)"),
            Failure::Duplicate);
  EXPECT_EQ(failure_of(*store_, "SELEKT 1"), Failure::Other);
}

TEST_P(SqlErrorTest, AStandingDuplicateComesBackAsAConflict) {
  const Problem problem = refusal([](Transaction& tx) {
    return tx.run("INSERT INTO apim_sequence (name, value) VALUES ('epoch', 1)");
  });
  EXPECT_EQ(problem.http_status, 409);
}

TEST_P(SqlErrorInFileTest, AFullDiskIsToldApart) {
  const Problem problem = refusal([](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(tx.run("CREATE TABLE heap (text TEXT)"));
    ASSIGN_OR_REFUSE(const int64_t pages, tx.number("PRAGMA page_count"));
    CHECK_OR_REFUSE(tx.number("PRAGMA max_page_count = " + std::to_string(pages)));
    for (int i = 0; i < 100; ++i) {
      CHECK_OR_REFUSE(tx.run("INSERT INTO heap (text) VALUES (?)", {std::string(4000, 'x')}));
    }
    return {};
  });
  EXPECT_EQ(problem.http_status, 503);
  EXPECT_NE(problem.description.find("disk is full"), std::string::npos) << problem.description;
}

TEST_P(SqlErrorInFileTest, ADamagedFileIsToldApart) {
  store_.reset();
  std::ofstream(folder_ / "apim.db", std::ios::trunc) << std::string(8192, 'x');
  const Problem problem = refused(Store::open(settings()));
  EXPECT_NE(problem.description.find("file is not a database"), std::string::npos)
      << problem.description;
}

TEST_P(SqlErrorOverNetTest, ALostConnectionIsToldApart) {
  EXPECT_EQ(failure_of(*store_, "SELECT pg_terminate_backend(pg_backend_pid())"),
            Failure::Disconnected);
  read([](Transaction& tx) { return tx.epoch(); });
}

TEST_P(SqlErrorOverNetTest, ADeadlockIsAConflict) {
  EXPECT_EQ(failure_of(*store_,
                       "DO 'BEGIN RAISE EXCEPTION ''x'' USING ERRCODE = ''deadlock_detected''; "
                       "END'"),
            Failure::Conflict);
}

}  // namespace
}  // namespace apim::store
