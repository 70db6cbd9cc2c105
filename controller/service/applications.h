// Applications: who consumes APIs. An application belongs to its owner; only an administrator sees
// others'.

#pragma once

#include <string>

#include "model/consumer.h"
#include "service/context.h"
#include "store/applications.h"

namespace apim::service::applications {

struct Counted {
  model::Application application;
  uint64_t subscriptions = 0;
};

Result<store::Listing<Counted>> list(Context& context, const Caller& caller,
                                     store::applications::Filter filter);
Result<Counted> get(Context& context, const Caller& caller, const std::string& uuid);
// 409 when the owner has one of that name; 400 when the policy is unknown.
Result<Changed<Counted>> create(Context& context, const Caller& caller,
                                model::Application application);
// Name, description, policy, token type, attributes; owner and id stay.
Result<Changed<Counted>> update(Context& context, const Caller& caller, const std::string& uuid,
                                const model::Application& wanted);
// With its subscriptions and keys.
Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid);

// Inside a transaction: the caller's own application, or 404.
Result<model::Application> own(Transaction& tx, const Caller& caller, const std::string& uuid);
std::string name_of(const model::Application& application);

}  // namespace apim::service::applications
