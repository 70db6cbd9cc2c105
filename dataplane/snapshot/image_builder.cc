#include "snapshot/image_builder.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "snapshot/references.h"
#include "snapshot/shards.h"

namespace apim::snapshot {
namespace {

template <class Root>
const Root& root_of(const Segment& segment) {
  return *flatbuffers::GetRoot<Root>(segment.payload());
}

KeyShard key_shard_of(const Segment& segment) {
  const auto& keys = root_of<fbs::Keys>(segment);
  return {.index = keys.index()->data(),
          .bucket_count = keys.index()->size() - 1,
          .count = keys.entries()->size(),
          .entries = reinterpret_cast<const fbs::KeyEntry*>(keys.entries()->Data()),
          .restrictions = keys.restrictions()};
}

bool is_same_place(const SegmentRef& a, const SegmentRef& b) {
  return a.kind == b.kind && a.shard == b.shard && a.shard_bits == b.shard_bits &&
         a.bytes == b.bytes && a.digest == b.digest;
}

}  // namespace

ImageBuilder::ImageBuilder(Manifest manifest, std::shared_ptr<const Image> previous_or_null)
    : manifest_(std::move(manifest)),
      previous_(std::move(previous_or_null)),
      segments_(manifest_.segments.size()) {
  if (previous_ == nullptr) return;
  // Both lists are sorted by kind, then shard.
  const auto& held = previous_->shards_->segments;
  auto at = held.begin();
  for (size_t i = 0; i < segments_.size(); ++i) {
    const SegmentRef& ref = manifest_.segments[i];
    const auto is_before = [&](const SegmentRef& other) {
      return std::pair(other.kind, other.shard) < std::pair(ref.kind, ref.shard);
    };
    while (at != held.end() && is_before((*at)->ref())) ++at;
    if (at != held.end() && is_same_place((*at)->ref(), ref)) segments_[i] = *at;
  }
}

std::vector<SegmentRef> ImageBuilder::missing() const {
  std::vector<SegmentRef> refs;
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i] == nullptr) refs.push_back(manifest_.segments[i]);
  }
  return refs;
}

Checked<void> ImageBuilder::take(const SegmentRef& ref, Bytes file) {
  const auto place = std::ranges::find_if(
      manifest_.segments, [&](const SegmentRef& r) { return is_same_place(r, ref); });
  assert(place != manifest_.segments.end());
  auto segment = Segment::check(ref, std::move(file));
  if (!segment) return std::unexpected(segment.error());
  segments_[static_cast<size_t>(place - manifest_.segments.begin())] = std::move(*segment);
  return {};
}

void ImageBuilder::point_at_tables(Image& image) const {
  Image::Shards& shards = *image.shards_;
  for (const auto& segment : segments_) {
    const uint8_t bits = segment->ref().shard_bits;
    switch (segment->ref().kind) {
      case layout::Kind::Routes: shards.routes = &root_of<fbs::Routes>(*segment); break;
      case layout::Kind::Limits: shards.limits = &root_of<fbs::Limits>(*segment); break;
      case layout::Kind::Apis: {
        const auto& apis = root_of<fbs::Apis>(*segment);
        shards.apis.emplace_back(*apis.ids(), apis.apis());
        shards.apis_bits = bits;
        break;
      }
      case layout::Kind::Consumers: {
        const auto& consumers = root_of<fbs::Consumers>(*segment);
        shards.consumers.emplace_back(*consumers.ids(), consumers.applications());
        shards.consumers_bits = bits;
        break;
      }
      case layout::Kind::Keys:
        shards.keys.push_back(key_shard_of(*segment));
        shards.keys_bits = bits;
        break;
      default: assert(false);  // check_manifest() lets no other kind through.
    }
  }
  for (const fbs::ThrottlePolicy* policy : *shards.limits->policies()) {
    shards.policy_ids.push_back(policy->id());
    shards.policies.push_back(policy);
    if (policy->level() != fbs::PolicyLevel::Subscription) continue;
    const std::string_view name = policy->name()->string_view();
    if (name == "Unauthenticated" && shards.unauthenticated == nullptr)
      shards.unauthenticated = policy;
    if (name == "DefaultSubscriptionless" && shards.subscriptionless == nullptr)
      shards.subscriptionless = policy;
  }
  shards.segments = segments_;
}

Checked<void> ImageBuilder::check_references(const Image& image) const {
  ReferenceCheck check(image);
  const Image::Shards& now = *image.shards_;
  const Image::Shards* before = previous_ == nullptr ? nullptr : previous_->shards_.get();
  // What was proven of an unchanged segment still holds unless something it may name has gone.
  const bool has_policies = before != nullptr && before->limits == now.limits;
  const bool has_apis = before != nullptr && ReferenceCheck::covers(before->apis, now.apis);
  const bool has_applications =
      before != nullptr && ReferenceCheck::covers(before->consumers, now.consumers);

  if (!has_apis || before->routes != now.routes) {
    if (auto checked = check.routes(*now.routes); !checked) return checked;
  }
  if (!has_policies) {
    if (auto checked = check.standing_policies(); !checked) return checked;
  }
  for (size_t i = 0; i < now.apis.size(); ++i) {
    if (has_policies && i < before->apis.size() && before->apis[i].tables == now.apis[i].tables)
      continue;
    if (auto checked = check.apis(now.apis[i]); !checked) return checked;
  }
  for (size_t i = 0; i < now.consumers.size(); ++i) {
    if (has_policies && i < before->consumers.size() &&
        before->consumers[i].tables == now.consumers[i].tables)
      continue;
    if (auto checked = check.consumers(now.consumers[i]); !checked) return checked;
  }
  for (size_t i = 0; i < now.keys.size(); ++i) {
    if (has_applications && i < before->keys.size() &&
        before->keys[i].entries == now.keys[i].entries)
      continue;
    if (auto checked = check.keys(now.keys[i]); !checked) return checked;
  }
  return {};
}

Checked<std::shared_ptr<const Image>> ImageBuilder::build() {
  assert(std::ranges::none_of(segments_, [](const auto& segment) { return segment == nullptr; }));
  auto image = std::shared_ptr<Image>(new Image());
  image->epoch_ = manifest_.epoch;
  image->created_ms_ = manifest_.created_ms;
  image->environment_ = manifest_.environment;
  point_at_tables(*image);
  if (auto checked = check_references(*image); !checked) return std::unexpected(checked.error());
  previous_.reset();
  return image;
}

std::span<const uint8_t> ImageBuilder::file_of(const Image& image, const layout::Digest& digest) {
  for (const auto& segment : image.shards_->segments) {
    if (segment->ref().digest == digest) return segment->file();
  }
  return {};
}

}  // namespace apim::snapshot
