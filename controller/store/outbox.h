// Outbox: what changed at which epoch, for the publisher. Rows are written by Transaction::changed.

#pragma once

#include <cstdint>
#include <vector>

#include "model/catalog.h"
#include "store/transaction.h"

namespace apim::store::outbox {

// Newest epoch ever allocated; 0 before the first change.
Result<uint64_t> newest(Transaction& tx);
// Changes above `epoch`, by epoch. One Everything when some of them were trimmed already.
Result<std::vector<model::Change>> changes_since(Transaction& tx, uint64_t epoch);
// Forgets rows up to `epoch`, inclusive.
Result<void> trim(Transaction& tx, uint64_t epoch);

}  // namespace apim::store::outbox
