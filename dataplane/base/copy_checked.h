// Copy checked: a short text copied and looked at in one pass, many bytes at a time.

#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace apim {

// For checks on words: bit 7 of a byte of the result is set where that byte of `word` is below
// `limit` (at most 0x80) and ASCII. A byte above one that is set may be set wrongly (borrows).
constexpr uint64_t bytes_below(uint64_t word, uint8_t limit) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  return (word - limit * kOnes) & ~word & 0x80 * kOnes;
}
// The same where it is `byte` (ASCII).
constexpr uint64_t bytes_equal(uint64_t word, uint8_t byte) {
  return bytes_below(word ^ byte * uint64_t{0x0101010101010101}, 1);
}

// Copies `text` to `out`, which has room for it. False: `Check` suspects one of its bytes (perhaps
// wrongly), and what `out` holds means nothing. `Check` has
//   static bool suspects(uint64_t word)    8 bytes; may err on the side of suspicion
//   static bool suspects(__m128i bytes)    16 bytes, where SSE2 is
//   static bool suspects(char byte)
template <class Check>
bool copy_checked(std::string_view text, char* out) {
  const char* const from = text.data();
  const size_t size = text.size();
  const auto copy_word = [&]<class Word>(size_t at, Word) -> uint64_t {
    Word word;
    std::memcpy(&word, from + at, sizeof(word));
    std::memcpy(out + at, &word, sizeof(word));
    return word;
  };
  if (size < 4) {
    bool is_fine = true;
    for (size_t i = 0; i < size; ++i) {
      out[i] = from[i];
      is_fine &= !Check::suspects(from[i]);
    }
    return is_fine;
  }
  // The last block overlaps the one before it.
  if (size < 8) {
    const uint64_t first = copy_word(0, uint32_t{});
    return !Check::suspects(first | copy_word(size - 4, uint32_t{}) << 32);
  }
#if defined(__SSE2__)
  if (size >= 16) {
    const auto copy_block = [&](size_t at) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at), bytes);
      return !Check::suspects(bytes);
    };
    for (size_t at = 0; at < size - 16; at += 16) {
      if (!copy_block(at)) return false;
    }
    return copy_block(size - 16);
  }
#endif
  for (size_t at = 0; at < size - 8; at += 8) {
    if (Check::suspects(copy_word(at, uint64_t{}))) return false;
  }
  return !Check::suspects(copy_word(size - 8, uint64_t{}));
}

}  // namespace apim
