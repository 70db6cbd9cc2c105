#include "throttle/deny.h"

#include <algorithm>

#include "snapshot/ranges.h"

namespace apim::throttle {
namespace {

bool has(const flatbuffers::Vector<uint64_t>& sorted, uint64_t hash) {
  return sorted.size() > 0 && std::binary_search(sorted.begin(), sorted.end(), hash);
}

}  // namespace

Denial denial_of(const Exchange& x, const fbs::Deny& deny) {
  if (has(*deny.apis(), x.route.api->deny_hash())) return Denial::Api;
  if (x.principal.application != nullptr &&
      has(*deny.applications(), x.principal.application->deny_hash()))
    return Denial::Application;
  if (has(*deny.users(), x.principal.user_hash)) return Denial::User;
  if (snapshot::holds(*deny.addresses(), x.client.address)) return Denial::Address;
  const bool is_outside =
      std::any_of(deny.outside()->begin(), deny.outside()->end(), [&](const fbs::IpRange* range) {
        return !snapshot::to_range(*range).holds(x.client.address);
      });
  return is_outside ? Denial::Outside : Denial::None;
}

}  // namespace apim::throttle
