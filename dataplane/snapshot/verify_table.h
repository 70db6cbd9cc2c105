// VerifyTable: the checks that tables of every kind share.

#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <type_traits>

#include "common_generated.h"
#include "schemas/layout.h"
#include "snapshot/refusal.h"

namespace apim::snapshot {

inline std::unexpected<Refusal> meaningless(std::string reason) {
  return refuse(FaultCode::SnapshotMeaningless, std::move(reason));
}

#define APIM_CHECK_MEANING(expression)                     \
  do {                                                     \
    if (auto checked_ = (expression); !checked_)           \
      return std::unexpected(std::move(checked_.error())); \
  } while (false)

// FlatBuffers' verifier does not look at the alignment of a vector's elements. (Its builder aligns
// no empty vector; nothing is read there.)
template <class T>
Checked<void> check_aligned(const flatbuffers::Vector<T>& vector) {
  using Element = std::remove_cv_t<std::remove_pointer_t<T>>;
  if (vector.size() == 0) return {};
  if (reinterpret_cast<uintptr_t>(vector.Data()) % alignof(Element) == 0) return {};
  return meaningless("a table that is not aligned");
}

// A bucketed sorted table (schemas/layout.h): `hash_at(i)` of `count` entries against its `index`.
template <class HashAt>
Checked<void> check_buckets(const flatbuffers::Vector<uint32_t>& index, uint32_t count,
                            HashAt hash_at) {
  const uint32_t bucket_count = layout::bucket_count_for(count);
  if (index.size() != bucket_count + 1) {
    return meaningless(fmt::format("an index of {} offsets for {} entries", index.size(), count));
  }
  if (index.Get(0) != 0 || index.Get(bucket_count) != count)
    return meaningless("an index that does not span its table");
  for (uint32_t bucket = 0; bucket < bucket_count; ++bucket) {
    const uint32_t begin = index.Get(bucket);
    const uint32_t end = index.Get(bucket + 1);
    if (begin > end || end > count)
      return meaningless(fmt::format("bucket {} of an index runs backwards", bucket));
    for (uint32_t i = begin; i < end; ++i) {
      if (layout::bucket_of(hash_at(i), bucket_count) != bucket) {
        return meaningless(fmt::format("entry {} stands in the wrong bucket", i));
      }
      if (i > 0 && hash_at(i - 1) > hash_at(i))
        return meaningless(fmt::format("entry {} is not sorted", i));
    }
  }
  return {};
}

// Sorted, disjoint, and every range the right way round.
Checked<void> check_ranges(const flatbuffers::Vector<const fbs::IpRange*>& ranges);

// Every range the right way round.
Checked<void> check_range(const fbs::IpRange& range);

// RFC 9110 5.6.2.
bool is_token(std::string_view text);
// Visible ASCII only: what a head may carry without a second thought.
bool is_visible(std::string_view text);
// A field value (RFC 9110 5.5): no control byte but the tab.
bool is_field_value(std::string_view text);
bool has_upper_case(std::string_view text);

}  // namespace apim::snapshot
