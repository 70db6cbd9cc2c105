#include "throttle/deny.h"

#include <algorithm>

#include "snapshot/ranges.h"

namespace apim::throttle {
namespace {

bool has(const flatbuffers::Vector<uint64_t>& sorted, uint64_t hash) {
  return sorted.size() > 0 && std::binary_search(sorted.begin(), sorted.end(), hash);
}

}  // namespace

bool is_denied(const Exchange& x, const fbs::Deny& deny) {
  if (has(*deny.apis(), x.route.api->deny_hash())) return true;
  if (x.principal.application != nullptr &&
      has(*deny.applications(), x.principal.application->deny_hash()))
    return true;
  if (has(*deny.users(), x.principal.user_hash)) return true;
  if (snapshot::holds(*deny.addresses(), x.client.address)) return true;
  return std::any_of(deny.outside()->begin(), deny.outside()->end(),
                     [&](const fbs::IpRange* range) {
                       return !snapshot::to_range(*range).holds(x.client.address);
                     });
}

}  // namespace apim::throttle
