// Dump: a snapshot as text for people and as JSON for programs, and what differs between two.

#pragma once

#include <expected>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "compile/manifest.h"

namespace apim::compile {

// Gives the bytes of a segment's file, or an empty string when it is missing.
using SegmentReader = std::function<std::string(const SegmentRef& ref)>;

// Everything in the snapshot, in a stable order. Credentials appear as the first 12 digits of their
// digest. The error names the segment that is missing or broken.
std::expected<nlohmann::json, std::string> dump(const Content& content, const SegmentReader& read);

// The same as indented text, one line per thing.
std::string to_text(const nlohmann::json& dumped);

struct Difference {
  enum class Change : uint8_t { Added, Removed, Changed };
  Change change = Change::Changed;
  std::string kind;  // "segment", "api", "application", "policy", "deny", "key", "route"
  std::string name;  // "pizza 1.0.0", "keys/3", digest prefix
};

// What turned `from` into `to`, sorted by kind and name. Segments that are equal are not even read.
std::expected<std::vector<Difference>, std::string> diff(const Content& from, const Content& to,
                                                         const SegmentReader& read);

// Checks every segment a manifest names: present, hash, structure. Empty: all well.
std::vector<std::string> verify_segments(const Content& content, const SegmentReader& read);

}  // namespace apim::compile
