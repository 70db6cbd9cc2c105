#include "store/outbox.h"

#include "store/outbox_kind.h"

namespace apim::store::outbox {

Result<uint64_t> newest(Transaction& tx) {
  ASSIGN_OR_REFUSE(const int64_t epoch,
                   tx.number("SELECT value FROM apim_sequence WHERE name = 'epoch'"));
  return static_cast<uint64_t>(epoch);
}

Result<std::vector<model::Change>> changes_since(Transaction& tx, uint64_t epoch) {
  std::vector<model::Change> changes;
  ASSIGN_OR_REFUSE(const int64_t trimmed,
                   tx.number("SELECT value FROM apim_sequence WHERE name = 'outbox_trimmed'"));
  if (epoch < static_cast<uint64_t>(trimmed)) {
    ASSIGN_OR_REFUSE(const uint64_t last, newest(tx));
    changes.push_back({.epoch = last, .kind = model::Change::Kind::Everything, .id = 0});
    return changes;
  }
  CHECK_OR_REFUSE((tx.each<int64_t, std::string, int64_t>(
      "SELECT epoch, kind, id FROM apim_outbox WHERE epoch > ? ORDER BY epoch, kind, id",
      {static_cast<int64_t>(epoch)}, [&](int64_t at, std::string kind, int64_t id) {
        changes.push_back({.epoch = static_cast<uint64_t>(at),
                           .kind = parse_kind(kind),
                           .id = static_cast<uint32_t>(id)});
      })));
  return changes;
}

Result<void> trim(Transaction& tx, uint64_t epoch) {
  const auto last = static_cast<int64_t>(epoch);
  CHECK_OR_REFUSE(tx.run("DELETE FROM apim_outbox WHERE epoch <= ?", {last}));
  CHECK_OR_REFUSE(
      tx.run("UPDATE apim_sequence SET value = ? WHERE name = 'outbox_trimmed' AND value < ?",
             {last, last}));
  return {};
}

}  // namespace apim::store::outbox
