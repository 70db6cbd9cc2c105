// Hub: where publications go and gateways look. A small seam: a directory today.
//
// Guarantees, whatever is killed when: a gateway sees the old publication or
// the new one, never a mix; a manifest is visible only after all its segments
// are durable; an environment's epoch never goes back.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compile/segment.h"
#include "model/problem.h"

namespace apim::publish {

using model::Result;

class Hub {
 public:
  virtual ~Hub() = default;

  virtual bool has_segment(const layout::Digest& digest) = 0;
  virtual Result<void> put_segment(const compile::SegmentFile& file) = 0;
  // Empty when there is none.
  virtual Result<std::string> get_segment(const layout::Digest& digest) = 0;

  // Makes `file` the environment's current manifest. Refused (409) when `epoch` is not above the newest.
  // Precondition: put_segment() succeeded for every segment it names.
  virtual Result<void> put_manifest(const std::string& environment, uint64_t epoch,
                                    const std::string& file) = 0;
  // The current manifest's bytes; empty when there is none.
  virtual Result<std::string> current_manifest(const std::string& environment) = 0;
  virtual Result<std::string> get_manifest(const std::string& environment, uint64_t epoch) = 0;
  // Epochs kept, newest first.
  virtual Result<std::vector<uint64_t>> epochs(const std::string& environment) = 0;
  virtual std::vector<std::string> environments() = 0;

  // Drops all but the newest `keep` manifests of every environment, then the segments that no kept one names.
  virtual Result<void> collect(size_t keep) = 0;

  // The state files of an environment's gateways, as they wrote them (JSON).
  virtual std::vector<std::string> gateway_states(const std::string& environment) = 0;
};

}  // namespace apim::publish
