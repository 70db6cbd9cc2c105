#include "service/context.h"

namespace apim::service {

Result<void> note(Transaction& tx, const Caller& caller, const std::string& action,
                  const std::string& target) {
  store::audit::Entry entry;
  entry.tenant = caller.tenant;
  entry.user = caller.user;
  entry.action = action;
  entry.target = target;
  return store::audit::append(tx, std::move(entry));
}

}  // namespace apim::service
