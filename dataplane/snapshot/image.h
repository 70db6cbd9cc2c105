// Image: one complete, verified snapshot in private memory. Immutable.
//
// Built by the keeper thread from a manifest and its segments; after build()
// returned one, no reader checks an offset or an index again.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apis_generated.h"
#include "base/result.h"
#include "consumers_generated.h"
#include "keys_generated.h"
#include "limits_generated.h"
#include "manifest_generated.h"
#include "routes_generated.h"
#include "schemas/layout.h"

namespace apim::snapshot {

// The bytes of one segment file: 64-byte aligned, never written after verification, shared between
// images that name the same digest.
class Segment;

class Image {
 public:
  ~Image();

  uint64_t epoch() const { return epoch_; }
  uint64_t created_ms() const { return created_ms_; }
  std::string_view environment() const { return environment_; }

  // The vhost of that host (lower case, no port), or null.
  const fbs::Vhost* find_vhost(std::string_view host) const;
  // Precondition of the ids: they come from this image. Null when there is none.
  const fbs::Api* find_api(uint32_t api_id) const;
  const fbs::Application* find_application(uint32_t application_id) const;
  const fbs::ThrottlePolicy* find_policy(uint32_t policy_id) const;
  const fbs::Deny& deny() const;
  // The subscription-level policies that stand in where there is no subscription, found by WSO2's
  // names: "Unauthenticated" (authType None) and "DefaultSubscriptionless" (APIs that validate
  // none). Null: no such limit.
  const fbs::ThrottlePolicy* unauthenticated_policy() const;
  const fbs::ThrottlePolicy* subscriptionless_policy() const;

  struct KeyHit {
    const fbs::KeyEntry* entry = nullptr;           // Null: unknown.
    const fbs::Restriction* restriction = nullptr;  // Null: none.
  };
  KeyHit find_key(const layout::Digest& digest) const;

  struct SegmentInfo {
    layout::Kind kind;
    uint32_t shard;
    uint64_t bytes;
    layout::Digest digest;
  };
  // For the admin page and the disk cache: sorted by kind, then shard.
  std::vector<SegmentInfo> segments() const;

  // Counts for people: APIs, applications, keys.
  struct Counts {
    size_t apis = 0;
    size_t applications = 0;
    size_t keys = 0;
  };
  Counts counts() const;

 private:
  friend class ImageBuilder;
  Image();
  friend class ReferenceCheck;
  struct Shards;  // Root pointers by kind and shard.
  std::unique_ptr<Shards> shards_;
  uint64_t epoch_ = 0;
  uint64_t created_ms_ = 0;
  std::string environment_;
};

}  // namespace apim::snapshot
