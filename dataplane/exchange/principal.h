// Principal: who calls, as authenticate() found it. Views point into the image or the arena.

#pragma once

#include <cstdint>
#include <string_view>

#include "apis_generated.h"
#include "consumers_generated.h"
#include "keys_generated.h"

namespace apim {

enum class CredentialUsed : uint8_t { None, ApiKey };

struct Principal {
  CredentialUsed credential = CredentialUsed::None;
  fbs::KeyType key_type = fbs::KeyType::Production;
  const fbs::Application* application = nullptr;    // Null: anonymous (authType None).
  // Null: anonymous, or the API does not validate subscriptions.
  const fbs::Subscription* subscription = nullptr;
  // layout: deny condition on a user; counters per user. Its text is auth::user_of().
  uint64_t user_hash = 0;
};

}  // namespace apim
