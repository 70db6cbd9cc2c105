#include "compile/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <tuple>

#include "compile/text.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

constexpr size_t kTargetBytesMax = 2'048;
constexpr size_t kSegmentsMax = 64;
constexpr size_t kOperationsMax = 10'000;
constexpr char kVariable = '\0';  // Stands for one variable in a mixed segment.

using Form = PathPattern::Form;

constexpr const char* kStarHint =
    "a '*' may only stand alone at the end ('/menu/*') or before an extension ('*.json')";

std::string_view verb_text(model::Verb verb) {
  constexpr std::string_view kNames[] = {"GET",    "HEAD",  "POST",    "PUT",
                                         "DELETE", "PATCH", "OPTIONS", "TRACE"};
  return kNames[static_cast<size_t>(verb)];
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return c != '{' && c != '}' && c != '/' && c != '*' && c != '+' && c != ':' && c != '?' &&
           c != '#' && c != '&' && c != '.' && c != ';' && c != ',';
  });
}

// Canonical bytes of a literal piece of a segment.
std::expected<std::string, std::string> canonical_piece(std::string_view piece) {
  if (piece.find('}') != std::string_view::npos) return std::unexpected("has a '}' without '{'");
  if (piece.find('*') != std::string_view::npos) return std::unexpected(kStarHint);
  // A lone dot is a fine piece of "{name}.json"; canonical_path would take it for a dot segment.
  const std::expected<std::string, std::string> path = canonical_path(fmt::format("/x{}", piece));
  if (!path.has_value()) return std::unexpected(path.error());
  return path->substr(2);
}

// One segment with variables: "{id}", "{id}.json", "v{major}-{minor}".
std::expected<PathSegment, std::string> parse_variables(std::string_view segment) {
  PathSegment out{.kind = fbs::SegmentKind::Mixed};
  size_t at = 0;
  while (at < segment.size()) {
    const size_t open = std::min(segment.find('{', at), segment.size());
    const auto piece = canonical_piece(segment.substr(at, open - at));
    if (!piece.has_value()) return std::unexpected(piece.error());
    out.text += *piece;
    if (open == segment.size()) break;
    const size_t close = segment.find('}', open);
    if (close == std::string_view::npos) return std::unexpected("has a '{' without '}'");
    const std::string_view name = segment.substr(open + 1, close - open - 1);
    if (!is_variable_name(name)) {
      return std::unexpected(
          fmt::format("has a variable '{{{}}}' that is not a plain name; write '{{name}}'", name));
    }
    if (!out.text.empty() && out.text.back() == kVariable) {
      return std::unexpected("has two variables with nothing between them");
    }
    out.text += kVariable;
    at = close + 1;
  }
  if (out.text.size() == 1 && out.text[0] == kVariable) {
    return PathSegment{.kind = fbs::SegmentKind::Variable};
  }
  return out;
}

bool is_rest(std::string_view segment) {
  if (segment == "*") return true;
  return segment.size() > 3 && segment.starts_with("{+") && segment.ends_with("}") &&
         is_variable_name(segment.substr(2, segment.size() - 3));
}

std::expected<PathSegment, std::string> parse_segment(std::string_view segment, bool is_last) {
  if (is_rest(segment)) {
    if (is_last) return PathSegment{.kind = fbs::SegmentKind::Rest};
    return std::unexpected(fmt::format("has '{}' before its end; {}", segment, kStarHint));
  }
  if (segment.find('{') != std::string_view::npos) return parse_variables(segment);
  if (segment.find('}') != std::string_view::npos) return std::unexpected("has a '}' without '{'");
  if (segment.find('*') != std::string_view::npos) return std::unexpected(kStarHint);
  const auto path = canonical_path(fmt::format("/{}", segment));
  if (!path.has_value()) return std::unexpected(path.error());
  if (path->size() == 1) return std::unexpected("has an empty segment ('//')");
  return PathSegment{.kind = fbs::SegmentKind::Literal, .text = path->substr(1)};
}

std::expected<PathPattern, std::string> parse_template(std::string_view target) {
  PathPattern pattern{.form = Form::Template};
  if (target.find('?') < target.find('{') || target.find("{?") != std::string_view::npos) {
    return std::unexpected("has a query; only paths can be matched");
  }
  size_t begin = 1;
  while (begin <= target.size()) {
    const size_t end = std::min(target.find('/', begin), target.size());
    auto segment = parse_segment(target.substr(begin, end - begin), end == target.size());
    if (!segment.has_value()) return std::unexpected(segment.error());
    pattern.segments.push_back(std::move(*segment));
    begin = end + 1;
  }
  if (pattern.segments.size() > kSegmentsMax) {
    return std::unexpected(fmt::format("has more than {} segments", kSegmentsMax));
  }
  return pattern;
}

// "*.json" and "/*.json".
bool is_suffix(std::string_view target) {
  if (target.starts_with('/')) target.remove_prefix(1);
  return target.size() > 2 && target.starts_with("*.") &&
         target.find_first_of("/{}*", 1) == std::string_view::npos;
}

std::expected<PathPattern, std::string> parse_plain(std::string_view target, Form form) {
  if (form == Form::Wildcard) target.remove_suffix(2);
  if (form == Form::Wildcard && target.empty()) return PathPattern{.form = form};
  if (target.find('*') != std::string_view::npos) return std::unexpected(kStarHint);
  if (target.find('}') != std::string_view::npos) return std::unexpected("has a '}' without '{'");
  auto path = canonical_path(target);
  if (!path.has_value()) return std::unexpected(path.error());
  return PathPattern{.form = form, .text = std::move(*path)};
}

// Builds a Matcher pattern by pattern; finish() sorts it.
class Lowering {
 public:
  void add(const PathPattern& pattern, uint16_t operation, fbs::Method method) {
    switch (pattern.form) {
      case Form::Exact:
        out_.exact.emplace_back(layout::hash_bytes(pattern.text), operation, method);
        break;
      case Form::Template: add_template(pattern, operation, method); break;
      case Form::Wildcard:
      case Form::Suffix: {
        const bool is_suffix_entry = pattern.form == Form::Suffix;
        out_.wildcards.emplace_back(text(pattern.text), length(pattern.text), operation, method,
                                    is_suffix_entry);
        break;
      }
    }
  }

  Matcher finish() {
    std::ranges::sort(out_.exact, {}, [](const fbs::ExactEntry& entry) {
      return std::tuple(entry.hash(), entry.operation());
    });
    std::ranges::stable_sort(out_.wildcards, {}, [](const fbs::WildcardEntry& entry) {
      return std::tuple(entry.is_suffix(), -static_cast<int>(entry.text_length()));
    });
    index_exact();
    return std::move(out_);
  }

 private:
  uint32_t text(const std::string& bytes) {
    const auto offset = static_cast<uint32_t>(out_.texts.size());
    out_.texts += bytes;
    return offset;
  }

  static uint16_t length(const std::string& bytes) {
    assert(bytes.size() <= UINT16_MAX);
    return static_cast<uint16_t>(bytes.size());
  }

  void add_template(const PathPattern& pattern, uint16_t operation, fbs::Method method) {
    assert(!pattern.segments.empty());
    const auto first = static_cast<uint32_t>(out_.segments.size());
    for (const PathSegment& segment : pattern.segments) {
      out_.segments.emplace_back(text(segment.text), length(segment.text), segment.kind);
    }
    out_.templates.emplace_back(first, operation, static_cast<uint8_t>(pattern.segments.size()),
                                method, pattern.segments.back().kind == fbs::SegmentKind::Rest);
  }

  void index_exact() {
    const uint32_t buckets = layout::bucket_count_for(out_.exact.size());
    out_.exact_index.assign(buckets + 1, 0);
    for (const fbs::ExactEntry& entry : out_.exact) {
      ++out_.exact_index[layout::bucket_of(entry.hash(), buckets) + 1];
    }
    for (uint32_t b = 0; b < buckets; ++b) out_.exact_index[b + 1] += out_.exact_index[b];
  }

  Matcher out_;
};

}  // namespace

std::expected<PathPattern, std::string> parse_pattern(std::string_view target) {
  if (target.size() > kTargetBytesMax) {
    return std::unexpected(fmt::format("is longer than {} bytes", kTargetBytesMax));
  }
  if (is_suffix(target)) {
    const auto piece = canonical_piece(target.substr(target.find('*') + 1));
    if (!piece.has_value()) return std::unexpected(piece.error());
    return PathPattern{.form = Form::Suffix, .text = *piece};
  }
  if (target.empty() || target.front() != '/') return std::unexpected("does not start with '/'");
  while (target.size() > 1 && target.back() == '/') target.remove_suffix(1);
  if (target.find('{') != std::string_view::npos) return parse_template(target);
  return parse_plain(target, target.ends_with("/*") ? Form::Wildcard : Form::Exact);
}

std::string where_of(const model::Operation& operation, size_t index) {
  return fmt::format("operations[{}] ({} {})", index, verb_text(operation.verb), operation.target);
}

Paths lower_paths(const std::vector<model::Operation>& operations, std::vector<Finding>& findings) {
  Paths paths;
  Lowering lowering;
  if (operations.size() > kOperationsMax) {
    findings.push_back({"operations", fmt::format("there are more than {}", kOperationsMax)});
    return paths;
  }
  std::map<std::pair<std::string, model::Verb>, size_t> seen;
  for (size_t i = 0; i < operations.size(); ++i) {
    const model::Operation& operation = operations[i];
    const auto pattern = parse_pattern(operation.target);
    if (!pattern.has_value()) {
      findings.push_back({where_of(operation, i), "its path " + pattern.error()});
      continue;
    }
    const bool is_exact = pattern->form == Form::Exact;
    paths.targets.push_back(is_exact ? pattern->text : operation.target);
    const auto [first, is_new] = seen.try_emplace({paths.targets.back(), operation.verb}, i);
    if (!is_new) {
      findings.push_back(
          {where_of(operation, i),
           fmt::format("is declared twice, first as operations[{}]", first->second)});
    }
    lowering.add(*pattern, static_cast<uint16_t>(i), static_cast<fbs::Method>(operation.verb));
  }
  paths.matcher = lowering.finish();
  return paths;
}

}  // namespace apim::compile
