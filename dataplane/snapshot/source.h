// Source: where a gateway gets snapshots from and tells how it is. The hub as seen from this side.
//
// Used by the keeper's thread only, but for interrupt().

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "snapshot/bytes.h"
#include "snapshot/files.h"
#include "snapshot/segment.h"

namespace apim::snapshot {

class Source {
 public:
  virtual ~Source() = default;

  // Names the current manifest; changes whenever it does. Nothing: none was published yet.
  virtual std::expected<std::optional<std::string>, FileError> current() = 0;
  // The manifest of that name, at most kManifestBytesMax.
  virtual std::expected<Bytes, FileError> manifest(const std::string& name) = 0;
  virtual std::expected<Bytes, FileError> segment(const SegmentRef& ref) = 0;
  virtual std::expected<void, FileError> report(const std::string& gateway_id,
                                                const std::string& json) = 0;

  // Returns when something may have changed, after interrupt(), or after `timeout_ms`.
  virtual void wait(uint32_t timeout_ms) = 0;
  // From any thread.
  virtual void interrupt() = 0;
};

}  // namespace apim::snapshot
