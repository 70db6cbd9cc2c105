#include "store/store.h"

#include <algorithm>

#include "store/environments.h"
#include "store/migrate.h"
#include "store/outbox.h"
#include "store/policies.h"
#include "store/users.h"

namespace apim::store {
namespace {

const std::string kSuperTenant = "carbon.super";

Result<void> seed_apim(Transaction& tx) {
  CHECK_OR_REFUSE(environments::seed(tx, kSuperTenant));
  return policies::seed(tx, kSuperTenant);
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const StoreSettings& settings) {
  std::unique_ptr<Store> store(new Store());
  const auto settings_of = [&](const std::string& url) {
    return DatabaseSettings{
        .url = url, .connections_max = settings.connections_max, .clock = settings.clock};
  };
  ASSIGN_OR_REFUSE(store->apim_, Database::open(settings_of(settings.apim_url)));
  if (settings.shared_url == settings.apim_url) {
    CHECK_OR_REFUSE(migrate(*store->apim_, {Role::Apim, Role::Shared}));
  } else {
    ASSIGN_OR_REFUSE(store->shared_, Database::open(settings_of(settings.shared_url)));
    CHECK_OR_REFUSE(migrate(*store->apim_, {Role::Apim}));
    CHECK_OR_REFUSE(migrate(*store->shared_, {Role::Shared}));
  }
  CHECK_OR_REFUSE(store->shared().write(users::seed));
  CHECK_OR_REFUSE(store->apim().write(seed_apim));
  store->apim_->on_epoch([raw = store.get()](uint64_t epoch) {
    const std::lock_guard lock(raw->mutex_);
    raw->newest_epoch_ = std::max(raw->newest_epoch_, epoch);
    raw->committed_.notify_all();
  });
  return store;
}

Result<uint64_t> Store::wait_beyond(uint64_t seen, std::chrono::milliseconds timeout) {
  {
    std::unique_lock lock(mutex_);
    const auto is_over = [&] { return stopped_ || newest_epoch_ > seen; };
    if (committed_.wait_for(lock, timeout, is_over) && newest_epoch_ > seen) return newest_epoch_;
  }
  return apim().read(outbox::newest);
}

void Store::stop_waiting() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  committed_.notify_all();
}

}  // namespace apim::store
