#include "match/matcher.h"

#include <algorithm>
#include <cassert>

#include "schemas/layout.h"

namespace apim::match {
namespace {

constexpr char kRun = '\0';

// One request's path against one API's matcher.
class Search {
 public:
  Search(const fbs::Api& api, std::string_view resource)
      : operations_(*api.operations()),
        matcher_(*api.matcher()),
        segments_(*matcher_.segments()),
        texts_(reinterpret_cast<const char*>(matcher_.texts()->data())),
        resource_(resource),
        segment_count_(
            resource.size() == 1 ? 1 : static_cast<size_t>(std::ranges::count(resource, '/'))) {
    assert(!resource.empty());
    assert(resource.front() == '/');
  }

  // Calls `found(operation index, method)` for every match, in the order of precedence, until it
  // returns true.
  template <class Found>
  void each(Found found) const {
    if (each_exact(found)) return;
    if (each_template(found)) return;
    each_wildcard(found);
  }

 private:
  std::string_view text(uint32_t offset, uint16_t length) const {
    return {texts_ + offset, length};
  }

  template <class Found>
  bool each_exact(Found& found) const {
    const auto& entries = *matcher_.exact();
    if (entries.size() == 0) return false;
    const auto& index = *matcher_.exact_index();
    const uint64_t hash = layout::hash_bytes(resource_);
    const uint32_t bucket = layout::bucket_of(hash, index.size() - 1);
    for (uint32_t i = index.Get(bucket); i < index.Get(bucket + 1); ++i) {
      const fbs::ExactEntry& entry = *entries.Get(i);
      if (entry.hash() != hash) continue;
      if (operations_.Get(entry.operation())->target()->string_view() != resource_) continue;
      if (found(entry.operation(), entry.method())) return true;
    }
    return false;
  }

  template <class Found>
  bool each_template(Found& found) const {
    for (const fbs::TemplateEntry* entry : *matcher_.templates()) {
      if (matches(*entry) && found(entry->operation(), entry->method())) return true;
    }
    return false;
  }

  bool matches(const fbs::TemplateEntry& entry) const {
    const size_t fixed_count = entry.segment_count() - (entry.is_open() ? 1U : 0U);
    if (entry.is_open() ? segment_count_ < fixed_count : segment_count_ != fixed_count)
      return false;
    size_t at = 1;
    for (uint32_t i = 0; i < fixed_count; ++i) {
      if (at > resource_.size()) return false;
      const size_t end = std::min(resource_.find('/', at), resource_.size());
      if (!matches(*segments_.Get(entry.first_segment() + i), resource_.substr(at, end - at)))
        return false;
      at = end + 1;
    }
    return true;
  }

  bool matches(const fbs::TemplateSegment& pattern, std::string_view segment) const {
    switch (pattern.kind()) {
      case fbs::SegmentKind::Literal:
        return segment == text(pattern.text_offset(), pattern.text_length());
      case fbs::SegmentKind::Variable: return !segment.empty();
      case fbs::SegmentKind::Mixed:
        return matches_mixed(segment, text(pattern.text_offset(), pattern.text_length()));
      case fbs::SegmentKind::Rest: break;
    }
    return false;
  }

  template <class Found>
  bool each_wildcard(Found& found) const {
    for (const fbs::WildcardEntry* entry : *matcher_.wildcards()) {
      const std::string_view fixed = text(entry->text_offset(), entry->text_length());
      const bool matched = entry->is_suffix() ? resource_.ends_with(fixed) : is_below(fixed);
      if (matched && found(entry->operation(), entry->method())) return true;
    }
    return false;
  }

  bool is_below(std::string_view prefix) const {
    if (!resource_.starts_with(prefix)) return false;
    return resource_.size() == prefix.size() || resource_[prefix.size()] == '/';
  }

  const flatbuffers::Vector<flatbuffers::Offset<fbs::Operation>>& operations_;
  const fbs::Matcher& matcher_;
  const flatbuffers::Vector<const fbs::TemplateSegment*>& segments_;
  const char* texts_;
  std::string_view resource_;
  size_t segment_count_;
};

}  // namespace

bool matches_mixed(std::string_view segment, std::string_view pattern) {
  size_t at = 0;
  size_t in_pattern = 0;
  size_t retry_at = 0;  // Where the last run would take one byte more.
  size_t after_run =
      pattern.size() + 1;  // Pattern position behind the last run; past the end: none yet.
  while (at < segment.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == kRun) {
      after_run = ++in_pattern;
      retry_at = ++at;  // A run takes at least one byte.
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == segment[at]) {
      ++in_pattern;
      ++at;
    } else if (after_run <= pattern.size()) {
      in_pattern = after_run;
      at = ++retry_at;
    } else {
      return false;
    }
  }
  return in_pattern == pattern.size();
}

const fbs::Operation* find_operation(const fbs::Api& api, fbs::Method method,
                                     std::string_view resource) {
  const fbs::Operation* operation = nullptr;
  Search(api, resource).each([&](uint16_t index, fbs::Method of_entry) {
    if (of_entry != method) return false;
    operation = api.operations()->Get(index);
    return true;
  });
  return operation;
}

uint8_t methods_on(const fbs::Api& api, std::string_view resource) {
  uint8_t methods = 0;
  Search(api, resource).each([&](uint16_t, fbs::Method of_entry) {
    methods = static_cast<uint8_t>(methods | 1U << static_cast<uint8_t>(of_entry));
    return false;
  });
  return methods;
}

}  // namespace apim::match
