// Keeper: fetches, checks and hands out snapshots; frees the drained ones; tells the hub how this
// gateway is.
//
//   hub ──> fetch missing segments ──> check ──> cache on disk ──> adopt(image) ──> every worker
//   ──> adopted(epoch)
//                                        └─ refused: the old image stays, the reason is kept and
//                                        reported
//
// Owns one thread for all of that and one, the reaper, on which images die.
// Starts from the disk cache when the hub is away.

#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "snapshot/image.h"

namespace apim::snapshot {

struct KeeperSettings {
  std::string hub;              // "directory:/var/lib/apim/hub"
  std::string public_key_file;  // base64 of 32 bytes
  std::string cache_dir;        // empty: no cache
  std::string environment = "Default";
  std::string gateway_id;  // file name in the hub: [A-Za-z0-9._-]{1,128}
  std::string host_name;
  std::string version;        // of the gateway
  uint32_t worker_count = 1;  // adopted() calls that make an epoch live
  uint32_t poll_ms = 1000;
};

// One moment's truth, for the admin page and metrics.
struct KeeperState {
  uint64_t epoch = 0;          // live on every worker; 0: none yet
  uint64_t adopted_ms = 0;     // Unix time at which it became live
  uint64_t created_ms = 0;     // Unix time at which the controller made it
  bool from_cache = false;     // taken from disk: the hub had nothing newer or was away
  uint64_t refused_epoch = 0;  // of the last refusal; 0: none, or not known
  uint64_t refused_ms = 0;
  std::string refused_reason;  // empty: nothing was refused since the last adoption
  uint64_t adopted_count = 0;
  uint64_t refused_count = 0;
  uint64_t hub_error_count = 0;  // the hub could not be read
  std::string hub_error;         // why not, just now; empty: it could be read
  uint64_t fetched_segments = 0;
  uint64_t fetched_bytes = 0;
  uint64_t live_images = 0;  // images not freed yet
  Image::Counts counts;      // of `image`
  std::shared_ptr<const Image>
      image;  // newest good one, maybe not live on every worker yet; null: none
};

class Keeper {
 public:
  // Called on the keeper's thread with each new image. Passes it to every worker, which calls
  // adopted() once it serves it.
  using Adopt = std::function<void(std::shared_ptr<const Image>)>;
  // Reads the public key; refuses settings that cannot work, with a reason for people.
  static std::expected<std::unique_ptr<Keeper>, std::string> open(KeeperSettings settings,
                                                                  Adopt adopt);
  virtual ~Keeper() = default;

  virtual void start() = 0;
  // Joins both threads. No callback runs after it. Workers may still call retire(): such images die
  // at once.
  virtual void stop() = 0;

  // From any thread. Each worker once per image it was handed (in order; skipping one is fine).
  virtual void adopted(uint64_t epoch) = 0;
  // From any thread: for Current::Retire.
  virtual void retire(std::shared_ptr<const Image> image) = 0;
  virtual KeeperState state() const = 0;
};

}  // namespace apim::snapshot
