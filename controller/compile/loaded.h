// Loaded: segments of a snapshot in memory, verified enough to be walked.

#pragma once

#include <cstring>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "compile/dump.h"
#include "compile/segment.h"

namespace apim::compile {

// The payload of one segment in aligned memory of its own.
class Loaded {
 public:
  // Reads, compares the digest, checks header, hash and structure. The error names the segment.
  static std::expected<Loaded, std::string> load(const SegmentRef& ref, const SegmentReader& read);

  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(words_.data()); }

 private:
  std::vector<uint64_t> words_;
};

// "apis/3"
std::string name_of(const SegmentRef& ref);

}  // namespace apim::compile
