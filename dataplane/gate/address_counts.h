// Address counts: how many connections each client address has open.
//
// An IPv6 client owns a /64 at least, so its addresses count together. The
// table is hashed with a secret of its own: nobody can choose addresses that
// collide. As large as there are connections; one thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/address.h"

namespace apim::gate {

class AddressCounts {
 public:
  AddressCounts();

  void add(const Address& address) { ++counts_[client_of(address)]; }
  // Precondition: added before.
  void remove(const Address& address);
  size_t of(const Address& address) const;
  // Clients that have any.
  size_t client_count() const { return counts_.size(); }

 private:
  struct Hash {
    uint64_t seed;
    size_t operator()(const Address& address) const;
  };
  static Address client_of(const Address& address);

  std::unordered_map<Address, size_t, Hash> counts_;
};

}  // namespace apim::gate
