// Fetcher: from a manifest's bytes to an image: only missing segments are read, everything is
// checked.

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "crypto/ed25519.h"
#include "snapshot/cache_disk.h"
#include "snapshot/image.h"
#include "snapshot/manifest.h"
#include "snapshot/refusal.h"
#include "snapshot/source.h"

namespace apim::snapshot {

// Why there is no image: the snapshot is bad (Refusal), or something could not be read just now
// (FileError).
struct FetchError {
  std::variant<Refusal, FileError> why;
  uint64_t epoch = 0;  // Of the manifest; 0: not known.

  bool is_refusal() const { return std::holds_alternative<Refusal>(why); }
  const std::string& reason() const {
    return is_refusal() ? std::get<Refusal>(why).reason : std::get<FileError>(why).reason;
  }
};

struct Fetched {
  std::shared_ptr<const Image> image;
  layout::Digest manifest_digest{};
  uint64_t segments_read = 0;  // From the source, not from memory or cache.
  uint64_t bytes_read = 0;
};

// What a new manifest has to be newer than.
struct Standing {
  std::shared_ptr<const Image> image;  // Null: none yet; any epoch will do.
  layout::Digest manifest_digest{};
};

class Fetcher {
 public:
  Fetcher(const crypto::Ed25519PublicKey& key, std::string environment, CacheDisk& cache)
      : key_(key), environment_(std::move(environment)), cache_(cache) {}

  // The image of `manifest_file`, or nothing when it is the standing one. A null `source` means:
  // from the cache alone.
  std::expected<std::optional<Fetched>, FetchError> fetch(const Bytes& manifest_file,
                                                          const Standing& standing,
                                                          Source* source_or_null);

  // Keeps what was fetched for a start without the hub.
  std::expected<void, FileError> keep(const Bytes& manifest_file, const Image& image);

 private:
  std::expected<Bytes, FileError> read_segment(const SegmentRef& ref, const Standing& standing,
                                               Source* source_or_null, Fetched& fetched);

  crypto::Ed25519PublicKey key_;
  std::string environment_;
  CacheDisk& cache_;
};

}  // namespace apim::snapshot
