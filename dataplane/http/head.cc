#include "http/head.h"

#include <cassert>
#include <cstdint>
#include <cstring>

namespace apim::http {
namespace {

template <class Word>
Word word_at(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Every byte that is 'A' to 'Z' in lower case, all of them at once: a byte's top bit tells, after
// additions that cannot carry into the next byte.
template <class Word>
uint64_t lowered(Word word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kTops = 0x80 * kOnes;
  const uint64_t bytes = word;
  const uint64_t low_bits = bytes & ~kTops;
  const uint64_t from_a = low_bits + (0x80 - 'A') * kOnes;
  const uint64_t beyond_z = low_bits + (0x7f - 'Z') * kOnes;
  const uint64_t is_upper = (from_a ^ beyond_z) & ~bytes & kTops;
  return bytes | is_upper >> 2;
}

}  // namespace

bool same_ignoring_case(std::string_view text, std::string_view lower) {
  assert(text.size() == lower.size());
  const char* a = text.data();
  const char* b = lower.data();
  size_t left = text.size();
  for (; left >= 8; left -= 8, a += 8, b += 8) {
    if (lowered(word_at<uint64_t>(a)) != word_at<uint64_t>(b)) return false;
  }
  if (left >= 4) {
    if (lowered(word_at<uint32_t>(a)) != word_at<uint32_t>(b)) return false;
    left -= 4;
    a += 4;
    b += 4;
  }
  for (; left > 0; --left, ++a, ++b) {
    const bool is_upper = *a >= 'A' && *a <= 'Z';
    if ((is_upper ? static_cast<char>(*a | 0x20) : *a) != *b) return false;
  }
  return true;
}

Field* RequestHead::find_or_null(std::string_view lower_name) const {
  for (Field& field : fields) {
    if (equals_ignoring_case(field.name, lower_name)) return &field;
  }
  return nullptr;
}

}  // namespace apim::http
