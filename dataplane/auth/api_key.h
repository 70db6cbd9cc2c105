// ApiKey: an opaque key by the API's header or by a query parameter of that name.
//
// The key's text is hashed (SHA-256) and looked up; the text itself is never
// kept, compared or logged. Header and parameter names are compared without
// case: the snapshot holds the name in lower case.

#pragma once

#include <string_view>

#include "exchange/exchange.h"

namespace apim::auth {

// What the request carries, as sent.
struct Presented {
  std::string_view key;  // Percent-decoded when it came by the query.
  uint8_t count = 0;     // Where it was taken from; 255 stands for more.
};

// Finds the key, in the header or else in the query (WSO2's order), and takes both out of what is
// forwarded: Field.dropped, and target.query rewritten in the arena. Fault: Overloaded (arena
// full).
Result<Presented> take_api_key(Exchange& x, std::string_view lower_name);

// The entry behind a key, after expiry, the API it is bound to and its restrictions were checked.
// Faults: KeyUnknown, KeyExpired, NotSubscribed, KeyForbiddenAddress, KeyForbiddenReferer.
Result<const fbs::KeyEntry*> check_api_key(const Exchange& x, std::string_view key);

}  // namespace apim::auth
