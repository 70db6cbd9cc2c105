#include "snapshot/current.h"

namespace apim::snapshot {

Current::~Current() {
  for (Lease& lease : leases_) {
    assert(lease.pins == 0);
    if (retire_) retire_(std::move(lease.image));
  }
}

void Current::adopt(std::shared_ptr<const Image> image) {
  assert(image != nullptr);
  leases_.push_back({.image = std::move(image), .pins = 0});
  drop_drained();
}

void Current::drop_drained() {
  const Lease* newest = &leases_.back();
  for (auto lease = leases_.begin(); lease != leases_.end();) {
    if (lease->pins > 0 || &*lease == newest) {
      ++lease;
      continue;
    }
    if (retire_) retire_(std::move(lease->image));
    lease = leases_.erase(lease);
  }
}

}  // namespace apim::snapshot
