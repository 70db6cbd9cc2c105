// World: a catalog of a chosen size, compiled by the real compiler and held as a gateway's image.
//
// API i is /apiI/1.0.0 with ten operations; key k belongs to application k % applications, which is
// subscribed to every API that shares its remainder. Limits of all levels are there and never
// reached.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "snapshot/image.h"

namespace apim::bench {

struct WorldSize {
  uint32_t apis = 10;
  uint32_t applications = 100;
  uint32_t keys = 1'000;
};

std::shared_ptr<const snapshot::Image> make_world(const WorldSize& size);

// The text of key `number`, as a client sends it.
std::string key_text(uint32_t number);

}  // namespace apim::bench
