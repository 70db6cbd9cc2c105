#include "store/database.h"

#include <soci/soci.h>

#include <algorithm>
#include <cassert>
#include <thread>

#include "store/pool.h"
#include "store/sql_error.h"

namespace apim::store {
namespace {

constexpr uint32_t kAttemptsMax = 6;
// Writers of all controllers queue on this advisory lock; any number, the same everywhere.
constexpr int64_t kWriterLock = 0x6170696d;

void begin(soci::session& session, Dialect dialect, bool writable) {
  if (dialect == Dialect::Sqlite) {
    session << (writable ? "BEGIN IMMEDIATE" : "BEGIN");
    return;
  }
  if (!writable) {
    session << "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    return;
  }
  session << "BEGIN ISOLATION LEVEL READ COMMITTED";
  session << "SELECT pg_advisory_xact_lock(" + std::to_string(kWriterLock) + ")";
}

// Leaves the connection usable, or marks it for closing.
void roll_back(Connection& connection) {
  try {
    *connection.session << "ROLLBACK";
  } catch (const std::exception&) {
    connection.broken = true;
  }
}

struct Outcome {
  Result<void> result;
  Failure failure = Failure::None;
  std::optional<uint64_t> epoch;  // allocated and committed
};

// A value returned over a failed statement must not pass for success.
Result<void> settle(Result<void> answer, const Transaction& transaction) {
  if (answer && transaction.failure() != Failure::None) {
    return model::refuse(model::internal_error("a statement failed and was overlooked"));
  }
  return answer;
}

Outcome fail(Connection& connection, const std::exception& error) {
  SqlError explained = explain(error, *connection.session);
  if (explained.failure == Failure::Disconnected) connection.broken = true;
  roll_back(connection);
  return {model::refuse(std::move(explained.problem)), explained.failure, {}};
}

Problem uncertain(const std::string& reason) {
  return {.http_status = 503,
          .code = 900967,
          .message = "The outcome is not known",
          .description =
              "the database went away while the change was committed; look whether it "
              "was made before trying again (" +
              reason + ")"};
}

Outcome commit(Connection& connection, const Transaction& transaction) {
  try {
    *connection.session << "COMMIT";
  } catch (const std::exception& error) {
    Outcome outcome = fail(connection, error);
    if (outcome.failure == Failure::Disconnected) {
      outcome.failure = Failure::Other;  // perhaps committed: not to be repeated
      outcome.result = model::refuse(uncertain(error.what()));
    }
    return outcome;
  }
  return {{}, Failure::None, transaction.taken_epoch()};
}

}  // namespace

Database::Database(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(DatabaseSettings settings) {
  ASSIGN_OR_REFUSE(auto pool, Pool::open(std::move(settings)));
  return std::unique_ptr<Database>(new Database(std::move(pool)));
}

Dialect Database::dialect() const { return pool_->dialect(); }
const std::string& Database::name() const { return pool_->name(); }

void Database::on_epoch(std::function<void(uint64_t)> listener) {
  pool_->epoch_listener = std::move(listener);
}

namespace {

Outcome attempt(Connection& connection, Dialect dialect, int64_t now_ms, bool writable,
                const std::function<Result<void>(Transaction&)>& unit) {
  try {
    begin(*connection.session, dialect, writable);
  } catch (const std::exception& error) {
    return fail(connection, error);
  }
  Transaction transaction(*connection.session, dialect, now_ms, writable);
  Result<void> answer;
  try {
    answer = settle(unit(transaction), transaction);
  } catch (const std::exception& error) {
    answer = model::refuse(model::internal_error(error.what()));
  }
  if (!answer) {
    if (transaction.failure() == Failure::Disconnected) connection.broken = true;
    roll_back(connection);
    return {std::move(answer), transaction.failure(), {}};
  }
  return commit(connection, transaction);
}

bool worth_another_try(Failure failure, Dialect dialect) {
  switch (failure) {
    case Failure::Conflict:
    case Failure::Disconnected: return true;
    // Another controller inserted the same in between: the next run sees it and says so by name.
    case Failure::Duplicate: return dialect == Dialect::Postgres;
    default: return false;
  }
}

}  // namespace

Result<void> Database::run_unit(const Unit& unit, bool writable) {
  for (uint32_t tried = 1;; ++tried) {
    Outcome outcome;
    {
      ASSIGN_OR_REFUSE(const Pool::Loan loan, pool_->borrow(writable));
      outcome = attempt(*loan, pool_->dialect(), pool_->now_ms(), writable, unit);
    }
    if (outcome.epoch && pool_->epoch_listener) pool_->epoch_listener(*outcome.epoch);
    if (outcome.result || tried >= kAttemptsMax) return outcome.result;
    if (!worth_another_try(outcome.failure, pool_->dialect())) return outcome.result;
    std::this_thread::sleep_for(std::chrono::milliseconds(1u << tried));
  }
}

}  // namespace apim::store
