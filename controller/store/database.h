// Database: one database (SQLite file or PostgreSQL), its connections and its units of work.
//
// SQLite: WAL, synchronous=FULL, foreign_keys=ON, one writer connection (BEGIN IMMEDIATE) and a few
// readers. PostgreSQL: a pool; a writer is READ COMMITTED and first locks the writer row, so that
// writers follow one another exactly as in SQLite, on whichever controller they run; a reader is
// REPEATABLE READ READ ONLY. Both thus give the same promise: writes are serial, a read sees one
// moment. Any thread may call; a call holds one connection until it returns.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "store/transaction.h"

namespace apim::store {

// What the tables of a database are for; one database may serve both.
enum class Role : uint8_t { Apim, Shared };

struct DatabaseSettings {
  std::string url;  // "sqlite3:///var/lib/apim/apim.db", "postgresql://user:pw@host:port/db"
  uint16_t connections_max = 4;
  uint32_t busy_ms = 5000;              // how long a writer waits for its turn
  std::function<int64_t()> clock = {};  // wall clock in ms; empty: the system's
};

class Database {
 public:
  // Opens and checks the connection. A Problem names the URL without its password.
  static Result<std::unique_ptr<Database>> open(DatabaseSettings settings);
  ~Database();

  // One write transaction: committed when `work` returns a value, rolled back when it returns a
  // Problem. `work(Transaction&)` returns Result<T>; it may run again after a conflict or a lost
  // connection, so it has no effects outside the transaction and captures nothing it changes.
  // A connection lost during the commit itself is not retried: the Problem (503) says so.
  template <class Work>
  std::invoke_result_t<Work&, Transaction&> write(Work&& work) {
    return transact<Work>(work, true);
  }

  // One consistent read; `work` as above. Statements that write are refused.
  template <class Work>
  std::invoke_result_t<Work&, Transaction&> read(Work&& work) {
    return transact<Work>(work, false);
  }

  Dialect dialect() const;
  // The URL without its password, for messages.
  const std::string& name() const;
  // Called after each commit that took an epoch, on the committing thread. Set before first use.
  void on_epoch(std::function<void(uint64_t)> listener);

 private:
  struct Pool;
  using Unit = std::function<Result<void>(Transaction&)>;

  explicit Database(std::unique_ptr<Pool> pool);
  Result<void> run_unit(const Unit& unit, bool writable);

  template <class Work>
  std::invoke_result_t<Work&, Transaction&> transact(Work& work, bool writable) {
    using Answer = std::invoke_result_t<Work&, Transaction&>;
    std::optional<Answer> answer;
    const Unit unit = [&](Transaction& transaction) -> Result<void> {
      answer.emplace(work(transaction));
      if (!answer->has_value()) return std::unexpected(answer->error());
      return {};
    };
    if (auto done = run_unit(unit, writable); !done)
      return std::unexpected(std::move(done.error()));
    return std::move(*answer);
  }

  std::unique_ptr<Pool> pool_;
};

}  // namespace apim::store
