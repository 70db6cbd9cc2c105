// CacheDisk: the last good snapshot, kept by the gateway itself for a start while the hub is away.
//
//   DIR/manifest               the last adopted one
//   DIR/segments/<64 hex>.seg  every segment it names
//   DIR/store.lock             held by whoever stores or starts from it
//
// What is read from it is checked like anything from the hub. The manifest is
// replaced only after all its segments are durable; then what it does not name is deleted.

#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "snapshot/files.h"
#include "snapshot/segment.h"

namespace apim::snapshot {

class CacheDisk {
 public:
  // An empty directory stands for no cache: reads find nothing, store() does nothing.
  explicit CacheDisk(std::string directory) : directory_(std::move(directory)) {}

  // While it lives nobody stores: the manifest's segments stay. Only for a start from the cache.
  std::expected<FileLock, FileError> hold() const;

  std::expected<Bytes, FileError> manifest() const;
  std::expected<Bytes, FileError> segment(const SegmentRef& ref) const;
  // One that is damaged or cannot be read, so that store() writes it again.
  void forget(const SegmentRef& ref) const;

  // What store() writes: a manifest's file and every segment it names.
  struct Entry {
    layout::Digest digest;
    std::span<const uint8_t> file;
  };
  std::expected<void, FileError> store(std::span<const uint8_t> manifest,
                                       const std::vector<Entry>& segments);

 private:
  std::string segment_path(const layout::Digest& digest) const;
  std::string lock_path() const { return directory_ + "/store.lock"; }
  void drop_drafts() const;
  void drop_others(const std::vector<Entry>& segments) const;

  std::string directory_;
};

}  // namespace apim::snapshot
