// Publisher: follows the database and keeps every environment's newest publication in the hub.
//
// One thread of its own. A change is committed by a service, which then calls
// wake(); the publisher debounces, reads the changed aggregates, compiles the
// touched shards and hands them to the hub. Idempotent: on start it compiles
// everything and publishes only what differs from the hub, so a crash at any
// point is finished by the next start. Of several controllers on one database
// only the holder of the store's lease publishes.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "compile/compile.h"
#include "compile/manifest.h"
#include "model/problem.h"
#include "publish/hub.h"

namespace apim::store {
class Database;
}

namespace apim::publish {

struct PublisherSettings {
  int64_t debounce_ms = 5;  // At most 20: how long a burst of changes is gathered.
  int64_t poll_ms = 1'000;  // How often the outbox is looked at without a wake().
  size_t manifests_kept = 10;
  bool allow_metadata = false;
};

// A publication as listed for people.
struct Publication {
  uint64_t epoch = 0;
  uint64_t created_ms = 0;
  uint64_t rollback_of = 0;
  size_t segments = 0;
  uint64_t bytes = 0;
  bool is_current = false;
};

class Publisher {
 public:
  // `database` and `hub` outlive the publisher.
  Publisher(store::Database& database, Hub& hub, const compile::SigningKey& key,
            const PublisherSettings& settings);
  ~Publisher();  // stop()

  void start();
  void stop();  // Idempotent; returns when the thread is gone.

  // Any thread, never blocks: something was committed.
  void wake();

  // Blocks until an epoch >= `epoch` is in the hub for every environment. False: not within
  // `timeout_ms`.
  bool wait_published(uint64_t epoch, int64_t timeout_ms);

  // The newest epoch published; 0: none yet.
  uint64_t published() const;

  // What was left out of the newest publication.
  std::map<std::string, compile::Report> reports() const;

  // Publishes an old manifest's segments again under a new epoch, which is returned. Holds until
  // the next change is published. 404 when the epoch is not kept any more.
  model::Result<uint64_t> rollback(const std::string& environment, uint64_t epoch);

  // Newest first.
  model::Result<std::vector<Publication>> publications(const std::string& environment);
  model::Result<compile::Manifest> manifest(const std::string& environment, uint64_t epoch);
  compile::PublicKey public_key() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace apim::publish
