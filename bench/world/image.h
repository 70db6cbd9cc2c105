// Image: a synthetic catalog compiled by the real compiler and held as a gateway holds it.

#pragma once

#include <memory>

#include "compile/synthetic.h"
#include "snapshot/image.h"

namespace apim::bench {

std::shared_ptr<const snapshot::Image> make_world(const compile::SyntheticSize& size);

}  // namespace apim::bench
