// Apis: one API lowered completely or not at all, and the `apis` segments.

#pragma once

#include <expected>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "compile/endpoints.h"
#include "compile/limits.h"
#include "compile/operations.h"
#include "compile/plan.h"
#include "model/catalog.h"

namespace apim::compile {

struct LoweredGroup {
  const model::EndpointGroup* source = nullptr;  // Null: no endpoints of this key type.
  std::vector<Backend> backends{};               // As source->endpoints.
};

// Everything about an API that had to be decided; the rest is copied from `source`, which must
// outlive it.
struct LoweredApi {
  const model::DeployedApi* source = nullptr;
  uint32_t tier = 0;
  std::vector<uint32_t> tiers{};  // By operation.
  std::vector<Plan> plans{};      // By operation.
  Paths paths{};
  LoweredGroup production{};
  LoweredGroup sandbox{};
};

// "pizza 1.0.0"
std::string name_of(const model::Api& api);

// All findings at once, never a part of an API.
std::expected<LoweredApi, std::vector<Finding>> lower_api(const model::DeployedApi& deployed,
                                                          const PolicyIndex& policies,
                                                          const Options& options);

// The payload of one `apis` segment; `apis` sorted by id.
std::string build_apis(const std::vector<LoweredApi>& apis);

}  // namespace apim::compile
