// What checked copies promise: the bytes, all of them and no others, and no suspect overlooked at
// any place of a text of any length.

#include "base/copy_checked.h"

#include <gtest/gtest.h>

#include <string>

namespace apim {
namespace {

// Suspects 'x'.
struct XCheck {
#if defined(__SSE2__)
  static bool suspects(__m128i bytes) {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('x'))) != 0;
  }
#endif
  static bool suspects(uint64_t word) { return bytes_equal(word, 'x') != 0; }
  static bool suspects(char c) { return c == 'x'; }
};

TEST(CopyChecked, CopiesEveryLength) {
  for (size_t size = 0; size < 70; ++size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += static_cast<char>('A' + i % 26);
    std::string out(size + 1, '!');
    EXPECT_TRUE(copy_checked<XCheck>(text, out.data())) << size;
    EXPECT_EQ(out, text + '!');
  }
}

TEST(CopyChecked, SuspectsAtEveryPlace) {
  for (size_t size = 1; size < 70; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = 'x';
      std::string out(size, '!');
      EXPECT_FALSE(copy_checked<XCheck>(text, out.data())) << size << " " << at;
    }
  }
}

TEST(CopyChecked, WordsFindEveryByte) {
  for (unsigned c = 0; c < 256; ++c) {
    const uint64_t word = 0x6161616161616161 ^ uint64_t { 0x61 ^ c } << 24;
    EXPECT_EQ(bytes_below(word, 0x20) != 0, c < 0x20) << c;
    EXPECT_EQ(bytes_equal(word, 0x7f) != 0, c == 0x7f) << c;
  }
}

}  // namespace
}  // namespace apim
