// Hub: where publications go and gateways look. A small seam: a directory today.
//
// Guarantees, whatever is killed when: a gateway sees the old publication or
// the new one, never a mix; a manifest is visible only after all its segments
// are durable; an environment's epoch never goes back.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "compile/segment.h"
#include "model/problem.h"

namespace apim::publish {

using model::Result;

class Hub {
 public:
  virtual ~Hub() = default;

  // One process at a time publishes into a hub from here: true when that is this one, until
  // release_claim() or its end, however it ends. Two hosts that share a hub tell themselves apart
  // by claimant().
  virtual bool try_claim() = 0;
  virtual void release_claim() = 0;
  // The same after a restart: host and hub.
  virtual std::string claimant() const = 0;

  virtual bool has_segment(const layout::Digest& digest) = 0;
  // Segments without a manifest: puts back what was lost.
  virtual Result<void> put_segments(std::span<const compile::SegmentFile> files) = 0;
  // Empty when there is none.
  virtual Result<std::string> get_segment(const layout::Digest& digest) = 0;

  // Puts the segments, then makes the manifest the environment's current one. Refused (409) when
  // its epoch is not above the newest. Precondition: the other segments it names are there.
  struct Issue {
    const std::string& environment;
    uint64_t epoch;
    std::span<const compile::SegmentFile> segments;
    const std::string& manifest;  // The file.
  };
  virtual Result<void> publish(const Issue& issue) = 0;
  // The current manifest's bytes; empty when there is none.
  virtual Result<std::string> current_manifest(const std::string& environment) = 0;
  virtual Result<std::string> get_manifest(const std::string& environment, uint64_t epoch) = 0;
  // Epochs kept, newest first.
  virtual Result<std::vector<uint64_t>> epochs(const std::string& environment) = 0;
  virtual std::vector<std::string> environments() = 0;

  // Drops all but the newest `keep` manifests of every environment, then the segments that no kept
  // one names, unless they were put within the last `grace_ms`: their manifest may be on its way.
  virtual Result<void> collect(size_t keep, int64_t grace_ms) = 0;

  // The state files of an environment's gateways, as they wrote them (JSON).
  virtual std::vector<std::string> gateway_states(const std::string& environment) = 0;
};

}  // namespace apim::publish
