#include "base/result.h"

#include <cassert>
#include <iterator>

namespace apim {
namespace {

struct FaultRow {
  FaultText text;
  Blame blame;
};

constexpr FaultRow kRows[] = {
#define FAULT(name, blame, status, code, message, description, type) \
  {{#name, status, code, message, description, type}, Blame::blame},
#include "base/faults.def"
#undef FAULT
};
static_assert(std::size(kRows) == static_cast<size_t>(FaultCode::kCount));

const FaultRow& row_of(FaultCode code) {
  const auto index = static_cast<size_t>(code);
  assert(index < std::size(kRows));
  return kRows[index];
}

}  // namespace

const FaultText& text_of(FaultCode code) { return row_of(code).text; }

Fault fault(FaultCode code, const char* what) {
  assert(what != nullptr);
  return {.code = code, .blame = row_of(code).blame, .retryable = false, .what = what};
}

}  // namespace apim
