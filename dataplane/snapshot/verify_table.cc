#include "snapshot/verify_table.h"

#include <algorithm>
#include <utility>

namespace apim::snapshot {
namespace {

using Number = std::pair<uint64_t, uint64_t>;

Number first_of(const fbs::IpRange& range) { return {range.first_high(), range.first_low()}; }
Number last_of(const fbs::IpRange& range) { return {range.last_high(), range.last_low()}; }

bool is_token_byte(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

bool is_visible_byte(char c) { return c > 0x20 && c < 0x7f; }

}  // namespace

Checked<void> check_range(const fbs::IpRange& range) {
  if (first_of(range) > last_of(range))
    return meaningless("an address range that ends before it begins");
  return {};
}

Checked<void> check_ranges(const flatbuffers::Vector<const fbs::IpRange*>& ranges) {
  APIM_CHECK_MEANING(check_aligned(ranges));
  for (uint32_t i = 0; i < ranges.size(); ++i) {
    APIM_CHECK_MEANING(check_range(*ranges.Get(i)));
    if (i > 0 && last_of(*ranges.Get(i - 1)) >= first_of(*ranges.Get(i))) {
      return meaningless(fmt::format("address range {} is not sorted", i));
    }
  }
  return {};
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

bool is_visible(std::string_view text) { return std::ranges::all_of(text, is_visible_byte); }

bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool has_upper_case(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace apim::snapshot
