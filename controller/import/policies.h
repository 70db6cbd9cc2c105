// Policies: the operation policies an API uses, against those that come with API Manager
// (reference 1.7).
//
// A policy a project brings itself is a Synapse template, which no gateway of ours runs: it is
// refused by name, never skipped.

#pragma once

#include "import/files.h"
#include "import/gather.h"
#include "import/tree.h"
#include "model/api.h"

namespace apim::import {

void check_policies(const model::Api& api, const Files& files, const TreeLocator& locator,
                    Gather& gather);

}  // namespace apim::import
