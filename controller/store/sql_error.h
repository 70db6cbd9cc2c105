// SqlError: what an exception of SOCI means, in our words.

#pragma once

#include <exception>

#include "store/transaction.h"

namespace apim::store {

struct SqlError {
  Failure failure = Failure::Other;
  Problem problem;
};

// Whether the session itself is still alive decides between Disconnected and the rest.
SqlError explain(const std::exception& error, soci::session& session);

}  // namespace apim::store
