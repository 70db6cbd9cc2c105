// Refusal: why a snapshot was not taken, for operators: which file, which table, which row.

#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/result.h"

namespace apim::snapshot {

struct Refusal {
  FaultCode code = FaultCode::SnapshotCorrupt;
  std::string reason;
};

template <class T>
using Checked = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refuse(FaultCode code, std::string reason) {
  return std::unexpected(Refusal{code, std::move(reason)});
}

}  // namespace apim::snapshot
