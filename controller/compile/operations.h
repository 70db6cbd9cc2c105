// Operations: the resource paths of an API lowered into the matcher the gateway walks.
//
// WSO2's precedence (Synapse's dispatchers): exact > template (file order) >
// longest "/*" > "*.ext". A path is
//   exact     no '{' and no '*'                     "/menu"
//   wildcard  no '{', '*' only in a trailing "/*"   "/menu/*", "/*"
//   suffix    "*.ext"                               "*.json"
//   template  everything else with '{'              "/order/{id}", "/order/{id}.json", "/o/{id}/*"

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "apis_generated.h"
#include "compile/report.h"
#include "model/api.h"

namespace apim::compile {

struct PathSegment {
  fbs::SegmentKind kind = fbs::SegmentKind::Literal;
  std::string text{};  // Literal: canonical bytes. Mixed: 0x00 for each variable. Otherwise empty.
  friend bool operator==(const PathSegment&, const PathSegment&) = default;
};

struct PathPattern {
  enum class Form : uint8_t { Exact, Template, Wildcard, Suffix };
  Form form = Form::Exact;
  std::string text{};                   // Exact: canonical path. Wildcard: prefix. Suffix: ".ext".
  std::vector<PathSegment> segments{};  // Template only.
  friend bool operator==(const PathPattern&, const PathPattern&) = default;
};

// The error says what cannot be matched and what to write instead.
std::expected<PathPattern, std::string> parse_pattern(std::string_view target);

// A matcher as plain vectors; what the names mean stands in schemas/snapshot/apis.fbs.
struct Matcher {
  std::vector<uint32_t> exact_index;
  std::vector<fbs::ExactEntry> exact;
  std::vector<fbs::TemplateSegment> segments;
  std::vector<fbs::TemplateEntry> templates;
  std::vector<fbs::WildcardEntry> wildcards;
  std::string texts;
};

// "operations[3] (GET /menu)"
std::string where_of(const model::Operation& operation, size_t index);

struct Paths {
  Matcher matcher;
  std::vector<std::string>
      targets;  // By operation: canonical for exact paths, as declared otherwise.
};

// Paths that cannot be matched, and verbs declared twice for one path, go to `findings`.
Paths lower_paths(const std::vector<model::Operation>& operations, std::vector<Finding>& findings);

}  // namespace apim::compile
