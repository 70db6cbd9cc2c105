// Keys: credentials by digest, and the `keys` segments.
//
// A KeyTable remembers which shards an application's keys stand in and what
// they looked like, so that one changed key costs one shard.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compile/report.h"
#include "model/catalog.h"

namespace apim::compile {

// The payload of one `keys` segment, from keys in any order. Keys that expired by `now_s` and keys
// whose restriction cannot be read are left out; the latter go to `findings`.
std::string build_keys(std::vector<const model::ApiKey*> keys, uint8_t shard_bits, int64_t now_s,
                       std::vector<Finding>& findings);

// Keys of existing applications.
size_t count_keys(const model::Catalog& catalog);

class KeyTable {
 public:
  // Forgets everything and takes all keys of the catalog in.
  void reset(const model::Catalog& catalog, uint8_t shard_bits);

  // Takes an application's keys in again; adds the shards that changed to `shards`.
  void refresh(const model::Catalog& catalog, uint32_t application_id, std::set<uint32_t>& shards);

  // Adds the shards with keys that were alive at `then_s` and are not at `now_s`, in either
  // direction.
  void expired(int64_t then_s, int64_t now_s, std::set<uint32_t>& shards) const;

  // Keys of existing applications, expired ones included.
  size_t count() const { return count_; }

  // The keys that stand in a shard, by application.
  std::vector<const model::ApiKey*> keys_of(const model::Catalog& catalog, uint32_t shard) const;

  // All keys by shard; cheaper than one shard after the other.
  std::vector<std::vector<const model::ApiKey*>> by_shard(const model::Catalog& catalog) const;

 private:
  using Fingerprint = std::array<uint8_t, 16>;
  struct Group {  // An application's keys within one shard.
    uint32_t shard = 0;
    Fingerprint fingerprint{};
  };
  struct Held {                 // What an application has.
    std::vector<Group> groups;  // Sorted by shard.
    size_t key_count = 0;
  };
  std::vector<Group> groups_of(const model::Catalog& catalog, uint32_t application_id) const;
  void note_expiries(const model::Catalog& catalog, uint32_t application_id);

  uint8_t shard_bits_ = 0;
  size_t count_ = 0;
  std::unordered_map<uint32_t, Held> held_;                    // By application.
  std::vector<std::vector<uint32_t>> applications_;            // By shard; sorted.
  std::map<std::pair<int64_t, uint32_t>, uint32_t> expiries_;  // (when, shard) -> how many keys.
  std::unordered_map<uint32_t, std::vector<std::pair<int64_t, uint32_t>>>
      expiring_;  // By application.
};

}  // namespace apim::compile
