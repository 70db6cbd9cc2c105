#include "publish/edition.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>

namespace apim::publish {

void Edition::take(compile::Compiled compiled) {
  content_ = std::move(compiled.content);
  report_ = std::move(compiled.report);
  std::ranges::move(compiled.fresh, std::back_inserter(pending_));
}

void Edition::compile_all(const compile::Options& options) {
  pending_.clear();
  take(compiler_.all(catalog_, options));
}

void Edition::compile(std::span<const model::Change> changes, const compile::Options& options) {
  take(compiler_.changes(catalog_, changes, options));
}

void Edition::take_as_published(uint64_t epoch) {
  pending_.clear();
  published_ = epoch;
}

bool Edition::is_complete(Hub& hub) const {
  std::set<layout::Digest> pending;
  for (const compile::SegmentFile& file : pending_) pending.insert(file.ref.digest);
  return std::ranges::all_of(content_.segments, [&](const compile::SegmentRef& ref) {
    return pending.contains(ref.digest) || hub.has_segment(ref.digest);
  });
}

Result<void> Edition::complete(Hub& hub) {
  const bool is_there = std::ranges::all_of(content_.segments, [&](const compile::SegmentRef& ref) {
    return hub.has_segment(ref.digest);
  });
  return is_there ? Result<void>() : hub.put_segments(pending_);
}

Result<void> Edition::publish(Hub& hub, const compile::SigningKey& key, uint64_t epoch,
                              const compile::Options& options) {
  if (!is_complete(hub)) compile_all(options);  // Collected under a rollback, or removed by hand.
  const compile::Manifest manifest{.environment = environment_,
                                   .epoch = epoch,
                                   .created_ms = static_cast<uint64_t>(now_ms()),
                                   .rollback_of = 0,
                                   .key_id = {},
                                   .content = content_};
  CHECK_OR_REFUSE(hub.publish({.environment = environment_,
                               .epoch = epoch,
                               .segments = pending_,
                               .manifest = compile::write_manifest(manifest, key)}));
  pending_.clear();
  published_ = epoch;
  return {};
}

int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace apim::publish
