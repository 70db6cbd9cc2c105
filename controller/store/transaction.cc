#include "store/transaction.h"

#include <soci/soci.h>
#include <sodium.h>

#include <array>
#include <cassert>
#include <deque>
#include <limits>

#include "store/outbox_kind.h"
#include "store/sql_error.h"
#include "store/text.h"

namespace apim::store {
namespace {

constexpr size_t kParametersMax = 64;

// "?" -> ":v1", ":v2", ... as SOCI wants them. Our statements hold no '?' but parameters.
std::string with_names(std::string_view sql, size_t count) {
  std::string named;
  named.reserve(sql.size() + 4 * count);
  size_t number = 0;
  for (const char letter : sql) {
    if (letter == '?') {
      named += ":v" + std::to_string(++number);
    } else {
      named += letter;
    }
  }
  assert(number == count);
  return named;
}

// One bound parameter or column in the types SOCI exchanges; addresses stay valid.
struct Slot {
  long long number = 0;
  std::string text;
};

}  // namespace

Transaction::Transaction(soci::session& session, Dialect dialect, int64_t now_ms, bool writable)
    : session_(session), dialect_(dialect), now_ms_(now_ms), writable_(writable) {}

Result<void> Transaction::query(std::string_view sql, const std::vector<Value>& values,
                                std::vector<Value>& cells, const OnRow& on_row) {
  assert(values.size() <= kParametersMax);
  if (failure_ != Failure::None) {
    return model::refuse(model::internal_error("the transaction has failed already"));
  }
  for (const Value& value : values) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && !is_storable_text(*text)) {
      return model::refuse(model::bad_request(900708, "Invalid parameter(s) provided",
                                              "a text is not UTF-8 or holds a NUL character"));
    }
  }
  try {
    soci::statement statement(session_);
    std::deque<Slot> slots;
    for (const Value& value : values) {
      Slot& slot = slots.emplace_back();
      if (const auto* number = std::get_if<int64_t>(&value)) {
        slot.number = *number;
        statement.exchange(soci::use(slot.number));
      } else {
        slot.text = std::get<std::string>(value);
        statement.exchange(soci::use(slot.text));
      }
    }
    const size_t first_cell = slots.size();
    for (const Value& cell : cells) {
      Slot& slot = slots.emplace_back();
      if (std::holds_alternative<int64_t>(cell)) {
        statement.exchange(soci::into(slot.number));
      } else {
        statement.exchange(soci::into(slot.text));
      }
    }
    statement.alloc();
    statement.prepare(with_names(sql, values.size()), soci::details::st_one_time_query);
    statement.define_and_bind();
    bool got = statement.execute(true);
    if (cells.empty()) cells.emplace_back(static_cast<int64_t>(statement.get_affected_rows()));
    while (got && first_cell < slots.size()) {
      for (size_t i = 0; i < cells.size(); ++i) {
        Slot& slot = slots[first_cell + i];
        if (auto* number = std::get_if<int64_t>(&cells[i])) {
          *number = slot.number;
        } else {
          std::get<std::string>(cells[i]) = slot.text;
        }
      }
      on_row();
      got = statement.fetch();
    }
  } catch (const std::exception& error) {
    SqlError explained = explain(error, session_);
    failure_ = explained.failure;
    return model::refuse(std::move(explained.problem));
  }
  return {};
}

Result<int64_t> Transaction::run(std::string_view sql, const std::vector<Value>& values) {
  std::vector<Value> cells;
  CHECK_OR_REFUSE(query(sql, values, cells, [] {}));
  assert(cells.size() == 1);
  return std::get<int64_t>(cells[0]);
}

Result<int64_t> Transaction::number(std::string_view sql, const std::vector<Value>& values) {
  int64_t found = 0;
  CHECK_OR_REFUSE(each<int64_t>(sql, values, [&](int64_t value) { found = value; }));
  return found;
}

Result<uint32_t> Transaction::next_id(const std::string& sequence) {
  ASSIGN_OR_REFUSE(
      const int64_t id,
      number("UPDATE apim_sequence SET value = value + 1 WHERE name = ? RETURNING value",
             {sequence}));
  if (id < 1 || id > std::numeric_limits<uint32_t>::max()) {
    return model::refuse(
        model::internal_error("sequence '" + sequence + "' is missing or used up"));
  }
  return static_cast<uint32_t>(id);
}

Result<uint64_t> Transaction::take_epoch() {
  assert(writable_);
  if (!epoch_) {
    ASSIGN_OR_REFUSE(
        const int64_t epoch,
        number("UPDATE apim_sequence SET value = value + 1 WHERE name = 'epoch' RETURNING value"));
    if (epoch < 1) return model::refuse(model::internal_error("the epoch's counter is missing"));
    epoch_ = static_cast<uint64_t>(epoch);
  }
  return *epoch_;
}

Result<void> Transaction::changed(model::Change::Kind kind, uint32_t id) {
  ASSIGN_OR_REFUSE(const uint64_t epoch, take_epoch());
  CHECK_OR_REFUSE(
      run("INSERT INTO apim_outbox (epoch, kind, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          {static_cast<int64_t>(epoch), std::string(to_text(kind)), int64_t{id}}));
  return {};
}

Result<uint64_t> Transaction::epoch() {
  if (epoch_) return *epoch_;
  ASSIGN_OR_REFUSE(const int64_t newest,
                   number("SELECT value FROM apim_sequence WHERE name = 'epoch'"));
  return static_cast<uint64_t>(newest);
}

std::string new_uuid() {
  static const int ready = sodium_init();
  assert(ready >= 0);
  std::array<uint8_t, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);  // RFC 9562: version 4
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);  // and the variant
  const std::string hex = to_hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace apim::store
