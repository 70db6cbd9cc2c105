// Synthetic: catalogs of any size for tests and benchmarks, the same from the same numbers.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "model/catalog.h"

namespace apim::compile {

// A catalog in which every call costs the same work, to be compared with other proxies: operations
// alternate between GET and POST and ask for no scope, every key is a production key.
struct EvenWork {
  bool is_open = false;           // No operation asks for a credential.
  uint32_t limit_per_minute = 0;  // Of each operation, application and subscription; 0: none.
};

struct SyntheticSize {
  uint32_t apis = 10;
  uint32_t operations_per_api = 10;  // A mix of exact paths, templates and wildcards.
  uint32_t applications = 10;
  uint32_t keys = 10;  // Spread over the applications.
  uint32_t subscriptions_per_application = 2;
  std::string backend = "http://127.0.0.1:8080/backend";
  std::string vhost = "localhost";
  std::optional<EvenWork> even = std::nullopt;  // Absent: policies, scopes, key types are a mix.
};

// API n (from 1 on) is "synthetic-n" 1.0.0 at "/synthetic-n/1.0.0"; application m has the
// subscriptions to APIs m, m+1, ... (around the end). Policies as shipped, with ids.
model::Catalog synthetic_catalog(const SyntheticSize& size);

// The text of key number n (from 0 on) of such a catalog; it belongs to application n %
// applications + 1.
std::string synthetic_key(uint32_t n);

// One call that such a catalog admits: a key, and the API that its application is subscribed to.
struct SyntheticGrant {
  std::string key;
  uint32_t api_id;
};

// The grant of key number n by the first subscription of its application.
SyntheticGrant synthetic_grant(uint32_t n, const SyntheticSize& size);

}  // namespace apim::compile
