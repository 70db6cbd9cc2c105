// Catalog: fills model::Catalog from one read transaction, whole or only what changed.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/catalog.h"
#include "store/transaction.h"

namespace apim::store::catalog {

// Everything of one environment, as of this transaction. An API whose stored document cannot be
// read is left out and named in `unreadable`; it never blocks the others.
Result<model::Catalog> load(Transaction& tx, const std::string& environment);

// As outbox::changes_since.
Result<std::vector<model::Change>> changes_since(Transaction& tx, uint64_t epoch);

// Reads the changed aggregates again, in the same transaction that gave `changes`; afterwards the
// catalog equals a full load. Gone aggregates are erased.
Result<void> refresh(Transaction& tx, model::Catalog& catalog,
                     const std::vector<model::Change>& changes);

}  // namespace apim::store::catalog
