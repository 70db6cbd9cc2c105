#include "service/permission.h"

#include <algorithm>

namespace apim::service {

bool Permission::allows(const model::Caller& caller) const {
  if (anybody_) return true;
  if (caller.user.empty()) return false;
  if (count_ == 0) return true;
  return std::any_of(
      scopes_.begin(), scopes_.begin() + static_cast<ptrdiff_t>(count_),
      [&](std::string_view scope) { return caller.may("apim:" + std::string(scope)); });
}

std::string Permission::to_text() const {
  std::string text;
  for (size_t i = 0; i < count_; ++i) {
    if (i > 0) text += ", ";
    text += "apim:";
    text += scopes_[i];
  }
  return text;
}

model::Result<void> permit(const model::Caller& caller, const Permission& permission) {
  if (permission.allows(caller)) return {};
  return model::refuse(model::forbidden("user '" + caller.user + "' needs one of the scopes " +
                                        permission.to_text()));
}

}  // namespace apim::service
