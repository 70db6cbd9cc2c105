// Transaction: one unit of work on one database, handed to the function given to Database::write or
// read.
//
// Every statement is bound parameters only: '?' in the text, one value per '?'. Nothing here
// throws: a failed statement comes back as a Problem and dooms the transaction, so that it is
// rolled back even when the caller overlooks the Problem. No column holds NULL.
//
// A write that changes what gateways see calls changed(); its outbox row and the epoch it carries
// are part of the same transaction. An epoch is visible only together with every lower one.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "model/catalog.h"
#include "model/problem.h"

namespace soci {
class session;
}

namespace apim::store {

using model::Problem;
using model::Result;

enum class Dialect : uint8_t { Sqlite, Postgres };

using Value = std::variant<int64_t, std::string>;  // one bound parameter or one column

// What went wrong below SQL; decides whether the unit of work is tried again.
enum class Failure : uint8_t { None, Duplicate, Conflict, Disconnected, Full, Corrupt, Other };

class Transaction {
 public:
  Transaction(soci::session& session, Dialect dialect, int64_t now_ms, bool writable);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Notes that an aggregate gateways depend on was changed. Allocates this transaction's epoch on
  // first use. `id` 0 for Deny and Everything. API-M database only.
  Result<void> changed(model::Change::Kind kind, uint32_t id);
  // Allocates this transaction's epoch without a change (a rollback republishes old content).
  Result<uint64_t> take_epoch();
  // This transaction's epoch when it changed something, else the newest one visible. API-M only.
  Result<uint64_t> epoch();

  // Wall clock, milliseconds, the same for the whole transaction.
  int64_t now_ms() const { return now_ms_; }
  Dialect dialect() const { return dialect_; }
  bool is_writable() const { return writable_; }
  Failure failure() const { return failure_; }
  // Whether epoch() was allocated here; and which.
  std::optional<uint64_t> taken_epoch() const { return epoch_; }

  // ---- for the rooms' own aggregates (store/*.cc); nobody else writes SQL

  // Runs one statement without a result. Answers the number of rows it touched.
  Result<int64_t> run(std::string_view sql, const std::vector<Value>& values = {});

  // Calls `row(columns...)` for each row, in order; `Columns` are int64_t or std::string.
  template <class... Columns, class Row>
  Result<void> each(std::string_view sql, const std::vector<Value>& values, Row&& row) {
    std::vector<Value> cells{Value(Columns{})...};
    return query(sql, values, cells, [&] { deliver<Columns...>(cells, row); });
  }

  // The first row, or nothing.
  template <class... Columns>
  Result<std::optional<std::tuple<Columns...>>> first(std::string_view sql,
                                                      const std::vector<Value>& values = {}) {
    std::optional<std::tuple<Columns...>> found;
    const auto keep = [&](Columns... columns) {
      if (!found) found.emplace(std::move(columns)...);
    };
    CHECK_OR_REFUSE((each<Columns...>(sql, values, keep)));
    return found;
  }

  // The first column of the first row; 0 without rows.
  Result<int64_t> number(std::string_view sql, const std::vector<Value>& values = {});

  // The next number of a named sequence; never given twice, not even after a removal.
  Result<uint32_t> next_id(const std::string& sequence);

 private:
  using OnRow = std::function<void()>;
  Result<void> query(std::string_view sql, const std::vector<Value>& values,
                     std::vector<Value>& cells, const OnRow& on_row);

  template <class... Columns, class Row>
  static void deliver(std::vector<Value>& cells, Row& row) {
    [&]<size_t... Index>(std::index_sequence<Index...>) {
      row(std::move(std::get<Columns>(cells[Index]))...);
    }
    (std::index_sequence_for<Columns...>{});
  }

  soci::session& session_;
  const Dialect dialect_;
  const int64_t now_ms_;
  const bool writable_;
  Failure failure_ = Failure::None;
  std::optional<uint64_t> epoch_;
};

// A random UUID (version 4) in text form.
std::string new_uuid();

}  // namespace apim::store
