#include "gate/address_counts.h"

#include <sys/random.h>

#include <cassert>

#include "schemas/layout.h"

namespace apim::gate {
namespace {

uint64_t random_seed() {
  uint64_t seed = 0;
  const ssize_t count = getrandom(&seed, sizeof(seed), 0);
  assert(count == sizeof(seed));
  (void)count;
  return seed;
}

}  // namespace

AddressCounts::AddressCounts() : counts_(0, Hash{random_seed()}) {}

size_t AddressCounts::Hash::operator()(const Address& address) const {
  return layout::hash_join(layout::hash_join(seed, address.high), address.low);
}

Address AddressCounts::client_of(const Address& address) {
  const bool is_v4 = address.high == 0 && address.low >> 32 == 0xffff;
  return is_v4 ? address : Address{address.high, 0};
}

void AddressCounts::remove(const Address& address) {
  const auto found = counts_.find(client_of(address));
  assert(found != counts_.end());
  if (--found->second == 0) counts_.erase(found);
}

size_t AddressCounts::of(const Address& address) const {
  const auto found = counts_.find(client_of(address));
  return found == counts_.end() ? 0 : found->second;
}

}  // namespace apim::gate
