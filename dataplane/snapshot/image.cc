#include "snapshot/image.h"

#include <algorithm>
#include <cassert>

#include "crypto/digest.h"
#include "snapshot/shards.h"

namespace apim::snapshot {

Image::Image() : shards_(std::make_unique<Shards>()) {}
Image::~Image() = default;

const fbs::Vhost* Image::find_vhost(std::string_view host) const {
  const auto& vhosts = *shards_->routes->vhosts();
  uint32_t low = 0;
  uint32_t high = vhosts.size();
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const int order = vhosts.Get(middle)->host()->string_view().compare(host);
    if (order == 0) return vhosts.Get(middle);
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return nullptr;
}

const fbs::Api* Image::find_api(uint32_t api_id) const {
  return shards_->apis[layout::shard_of_id(api_id, shards_->apis_bits)].find(api_id);
}

const fbs::Application* Image::find_application(uint32_t application_id) const {
  return shards_->consumers[layout::shard_of_id(application_id, shards_->consumers_bits)].find(
      application_id);
}

const fbs::ThrottlePolicy* Image::find_policy(uint32_t policy_id) const {
  const auto& ids = shards_->policy_ids;
  // Ids are given out in order, so most often it stands where it would without gaps.
  const size_t guess = ids.empty() ? 0 : policy_id - ids.front();
  if (guess < ids.size() && ids[guess] == policy_id) return shards_->policies[guess];
  const auto found = std::lower_bound(ids.begin(), ids.end(), policy_id);
  if (found == ids.end() || *found != policy_id) return nullptr;
  return shards_->policies[static_cast<size_t>(found - ids.begin())];
}

const fbs::Deny& Image::deny() const { return *shards_->limits->deny(); }

const fbs::ThrottlePolicy* Image::unauthenticated_policy() const {
  return shards_->unauthenticated;
}
const fbs::ThrottlePolicy* Image::subscriptionless_policy() const {
  return shards_->subscriptionless;
}

Image::KeyHit Image::find_key(const layout::Digest& digest) const {
  const KeyShard& shard = shards_->keys[layout::shard_of_digest(digest.data(), shards_->keys_bits)];
  const uint32_t bucket = layout::bucket_of(
      layout::digest_bucket_hash(digest.data(), shards_->keys_bits), shard.bucket_count);
  for (uint32_t i = shard.index[bucket]; i < shard.index[bucket + 1]; ++i) {
    const fbs::KeyEntry& entry = shard.entries[i];
    const std::span<const uint8_t> held(entry.digest()->data(), layout::kDigestBytes);
    if (!crypto::equal_in_constant_time(held, digest)) continue;
    const uint32_t restriction = entry.restriction();
    return {.entry = &entry,
            .restriction = restriction == 0 ? nullptr : shard.restrictions->Get(restriction - 1)};
  }
  return {};
}

std::vector<Image::SegmentInfo> Image::segments() const {
  std::vector<SegmentInfo> infos;
  for (const auto& segment : shards_->segments) {
    const SegmentRef& ref = segment->ref();
    infos.push_back(
        {.kind = ref.kind, .shard = ref.shard, .bytes = ref.bytes, .digest = ref.digest});
  }
  return infos;
}

Image::Counts Image::counts() const {
  Counts counts;
  for (const auto& shard : shards_->apis) counts.apis += shard.count;
  for (const auto& shard : shards_->consumers) counts.applications += shard.count;
  for (const auto& shard : shards_->keys) counts.keys += shard.count;
  return counts;
}

}  // namespace apim::snapshot
