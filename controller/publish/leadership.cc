#include "publish/leadership.h"

namespace apim::publish {
namespace {

const std::string kLeaseName = "publisher";
constexpr int64_t kLeaseMs = 10'000;
constexpr auto kRenewEvery = std::chrono::milliseconds(3'000);

}  // namespace

Result<Leadership::Role> Leadership::ask() {
  const auto now = std::chrono::steady_clock::now();
  if (lease_.has_value() && now < renew_at_) return Role::Leader;
  if (!hub_.try_claim()) return Role::Follower;
  const std::string holder = hub_.claimant();
  auto lease = database_.write([&](store::Transaction& tx) {
    return store::leases::acquire(tx, kLeaseName, holder, kLeaseMs);
  });
  if (!lease.has_value()) return std::unexpected(std::move(lease.error()));
  if (!lease->has_value()) {
    lease_.reset();
    hub_.release_claim();  // The holder of the lease may need it.
    return Role::Follower;
  }
  const bool is_same = lease_.has_value() && lease_->token == (*lease)->token;
  lease_ = std::move(**lease);
  renew_at_ = now + kRenewEvery;
  return is_same ? Role::Leader : Role::NewLeader;
}

void Leadership::resign() {
  if (lease_.has_value()) {
    // When this fails the lease runs out by itself.
    (void)database_.write(
        [&](store::Transaction& tx) { return store::leases::release(tx, *lease_); });
    lease_.reset();
  }
  hub_.release_claim();
}

}  // namespace apim::publish
