// Applications: who consumes APIs.

#pragma once

#include <optional>
#include <string>

#include "model/consumer.h"
#include "store/page.h"
#include "store/transaction.h"

namespace apim::store::applications {

enum class Order : uint8_t { Name, Created, Policy };

struct Filter {
  std::string owner = {};  // "" = everybody's
  std::string query = {};  // part of the name, without regard to case
  Order order = Order::Name;
  bool descending = false;
  Page page = {};
};

// Assigns id, times, and a uuid unless there is one. 409 (900301) when the owner has one of that
// name. 400 when the policy is unknown.
Result<model::Application> insert(Transaction& tx, model::Application application);
// By tenant and uuid; keeps id and creation.
Result<model::Application> update(Transaction& tx, model::Application application);
// With its subscriptions and keys.
Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid);

Result<model::Application> find(Transaction& tx, const std::string& tenant,
                                const std::string& uuid);  // 404: 900307
Result<std::optional<model::Application>> find_by_name(Transaction& tx, const std::string& tenant,
                                                       const std::string& owner,
                                                       const std::string& name);
Result<Listing<model::Application>> list(Transaction& tx, const std::string& tenant,
                                         const Filter& filter);
Result<uint64_t> count_subscriptions(Transaction& tx, const std::string& tenant,
                                     const std::string& uuid);

}  // namespace apim::store::applications
