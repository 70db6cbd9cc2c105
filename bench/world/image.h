// Image: a world compiled by the real compiler and held as a gateway holds it.

#pragma once

#include <memory>

#include "bench/world/catalog.h"
#include "snapshot/image.h"

namespace apim::bench {

std::shared_ptr<const snapshot::Image> make_world(const WorldSize& size);

}  // namespace apim::bench
