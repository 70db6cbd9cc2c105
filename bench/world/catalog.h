// Catalog: a world of a chosen size, as the compiler takes it.
//
// API i is /apiI/1.0.0 with ten operations; key k belongs to application k % applications, which is
// subscribed to every API that shares its remainder. Limits of all levels are there and never
// reached.

#pragma once

#include <cstdint>
#include <string>

#include "model/catalog.h"
#include "schemas/layout.h"

namespace apim::bench {

struct WorldSize {
  uint32_t apis = 10;
  uint32_t applications = 100;
  uint32_t keys = 1'000;
};

// Of environment "Default", at epoch 1.
model::Catalog make_catalog(const WorldSize& size);

// The text of key `number`, as a client sends it, and its SHA-256, as gateways look it up.
std::string key_text(uint32_t number);
layout::Digest key_digest(uint32_t number);

}  // namespace apim::bench
