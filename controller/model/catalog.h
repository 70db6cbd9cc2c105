// Catalog: everything the compiler reads, as of one database transaction.
//
// Plain data; the store fills it, the compiler only reads it.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/api.h"
#include "model/consumer.h"
#include "model/policy.h"

namespace apim::model {

// One API as deployed: the revision's content, where it is reachable, and the live lifecycle state.
struct DeployedApi {
  Api api;  // id, uuid, tenant from the API; the rest from the revision's document
  uint32_t revision_number = 0;
  std::vector<std::string> vhosts;  // of the catalog's environment; at least one
};

struct Catalog {
  std::string environment;
  uint64_t epoch = 0;                            // newest change it contains
  std::map<uint32_t, DeployedApi> apis;          // by API id; only those deployed in `environment`
  std::map<uint32_t, Application> applications;  // by id
  std::map<uint32_t, std::vector<Subscription>> subscriptions;  // by application id
  std::map<uint32_t, std::vector<ApiKey>> keys;                 // by application id
  std::map<uint32_t, ThrottlePolicy> policies;                  // by id
  std::vector<DenyCondition> denies;
  std::map<uint32_t, std::string>
      unreadable;  // by API id: why its stored revision cannot be read; not in `apis`
};

// One change since the last look; rows of the outbox. Which aggregates have to be read again.
struct Change {
  enum class Kind : uint8_t { Api, Application, Policy, Deny, Everything };
  uint64_t epoch = 0;
  Kind kind = Kind::Everything;
  uint32_t id = 0;  // of the aggregate; Application covers its subscriptions and keys
};

}  // namespace apim::model
