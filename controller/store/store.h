// Store: the two databases of a controller, opened, migrated and seeded.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "store/database.h"

namespace apim::store {

struct StoreSettings {
  std::string apim_url = {};    // "sqlite3:///var/lib/apim/apim.db"
  std::string shared_url = {};  // may equal apim_url; then both roles live in one database
  uint16_t connections_max = 4;
  std::function<int64_t()> clock = {};  // wall clock in ms; empty: the system's
};

class Store {
 public:
  // Opens both, migrates, adds what the first start needs (shipped policies, environment
  // "Default" with vhost "localhost", tenant carbon.super, the roles). Users are the caller's.
  static Result<std::unique_ptr<Store>> open(const StoreSettings& settings);

  // APIs, consumers, policies, environments, audit, outbox.
  Database& apim() { return *apim_; }
  // Tenants, users, roles. A transaction never spans both.
  Database& shared() { return shared_ ? *shared_ : *apim_; }

  template <class Work>
  auto write(Work&& work) {
    return apim().write(work);
  }
  template <class Work>
  auto read(Work&& work) {
    return apim().read(work);
  }

  // Returns at once when an epoch above `seen` is committed by this process, else after
  // `timeout`: another controller's commits are noticed only then. Answers the newest epoch.
  Result<uint64_t> wait_beyond(uint64_t seen, std::chrono::milliseconds timeout);
  // Ends every wait_beyond() now, and later ones at once (shutdown).
  void stop_waiting();

 private:
  Store() = default;

  std::unique_ptr<Database> apim_;
  std::unique_ptr<Database> shared_;  // null when apim_ serves both
  std::mutex mutex_;
  std::condition_variable committed_;
  uint64_t newest_epoch_ = 0;
  bool stopped_ = false;
};

}  // namespace apim::store
