// Image: a synthetic catalog compiled by the real compiler and held as a gateway holds it.

#pragma once

#include <memory>

#include "compile/synthetic.h"
#include "snapshot/image.h"

namespace apim::bench {

std::shared_ptr<const snapshot::Image> make_world(const compile::SyntheticSize& size);

// The same for a benchmark, which is called again until it is sure of its time: the last one asked
// for is kept.
std::shared_ptr<const snapshot::Image> kept_world(const compile::SyntheticSize& size);

}  // namespace apim::bench
