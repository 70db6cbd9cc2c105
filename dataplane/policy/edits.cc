#include "policy/edits.h"

#include "exchange/text.h"

namespace apim::policy {
bool Edits::put(const HeaderEdit& edit) {
  for (uint8_t i = 0; i < count_; ++i) {
    if (!is_same_ignoring_case(edits_[i].name, edit.name)) continue;
    edits_[i] = edit;
    return true;
  }
  if (count_ == edits_.size()) return false;
  edits_[count_++] = edit;
  return true;
}

}  // namespace apim::policy
