// Pool: the open connections of one database, lent to one caller at a time.

#pragma once

#include <soci/soci.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/database.h"

namespace apim::store {

struct Connection {
  std::unique_ptr<soci::session> session;
  bool broken = false;  // closed instead of being lent again
};

struct Database::Pool {
 public:
  // Gives the connection back when it goes.
  class Loan {
   public:
    Loan(Pool& pool, std::unique_ptr<Connection> connection, bool writable)
        : pool_(&pool), connection_(std::move(connection)), writable_(writable) {}
    Loan(Loan&&) = default;
    ~Loan() {
      if (connection_) pool_->give_back(std::move(connection_), writable_);
    }
    Connection& operator*() const { return *connection_; }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
    bool writable_;
  };

  static Result<std::unique_ptr<Pool>> open(DatabaseSettings settings);

  // Waits for a free one, at most busy_ms (503). There is one connection for writers.
  Result<Loan> borrow(bool writable);

  Dialect dialect() const { return dialect_; }
  const std::string& name() const { return name_; }
  int64_t now_ms() const;

  std::function<void(uint64_t)> epoch_listener;

 private:
  // Connections of one kind: lent + idle <= most.
  struct Shelf {
    std::vector<std::unique_ptr<Connection>> idle;
    uint32_t lent = 0;
    uint32_t most = 1;
  };

  Pool() = default;
  Shelf& shelf(bool writable) { return writable ? writer_ : readers_; }
  Result<std::unique_ptr<Connection>> connect(bool writable) const;
  void set_up(soci::session& session, bool writable) const;
  void give_back(std::unique_ptr<Connection> connection, bool writable);

  DatabaseSettings settings_;
  Dialect dialect_ = Dialect::Sqlite;
  std::string name_;     // the URL without its password
  std::string address_;  // SQLite: the file; PostgreSQL: the whole URL
  std::mutex mutex_;
  std::condition_variable returned_;
  Shelf writer_;
  Shelf readers_;
};

}  // namespace apim::store
