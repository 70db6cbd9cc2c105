// SupportShowcase: one catalog with a little of everything, for the golden dump and for diffs.

#pragma once

#include "model/catalog.h"

namespace apim::compile::support {

model::Catalog showcase();

}  // namespace apim::compile::support
