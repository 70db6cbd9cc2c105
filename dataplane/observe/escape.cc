#include "observe/escape.h"

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "base/copy_checked.h"

namespace apim::observe {
namespace {

constexpr size_t kEscapeBytesMax = 6;

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

// What a JSON string takes as it is.
struct PlainCheck {
#if defined(__SSE2__)
  static bool suspects(__m128i bytes) {
    // Signed: what is beyond ASCII is below, too.
    const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, del), _mm_or_si128(quote, slash))) != 0;
  }
#endif
  static bool suspects(uint64_t word) {
    return ((word & 0x8080808080808080) | bytes_below(word, 0x20) | bytes_equal(word, 0x7f) |
            bytes_equal(word, '"') | bytes_equal(word, '\\')) != 0;
  }
  static bool suspects(char c) { return !is_plain(static_cast<unsigned char>(c)); }
};

bool is_tail(unsigned char c) { return (c & 0xc0) == 0x80; }

// Length of the well-formed UTF-8 sequence at the start of `text` (Unicode 15, table 3-7), or 0.
size_t sequence_bytes(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead >= 0xc2 && lead <= 0xdf) return text.size() >= 2 && is_tail(at(1)) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned char low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : 0xbf;
    return text.size() >= 3 && at(1) >= low && at(1) <= high && is_tail(at(2)) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned char low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xf4 ? 0x8f : 0xbf;
    const bool whole = text.size() >= 4 && at(1) >= low && at(1) <= high && is_tail(at(2));
    return whole && is_tail(at(3)) ? 4 : 0;
  }
  return 0;
}

struct Piece {
  std::array<char, kEscapeBytesMax> bytes;
  size_t count;
};

Piece escape_of(unsigned char c) {
  constexpr char kHex[] = "0123456789abcdef";
  if (c >= 0x80) return {{'\\', 'u', 'f', 'f', 'f', 'd'}, 6};
  switch (c) {
    case '"': return {{'\\', '"'}, 2};
    case '\\': return {{'\\', '\\'}, 2};
    case '\n': return {{'\\', 'n'}, 2};
    case '\r': return {{'\\', 'r'}, 2};
    case '\t': return {{'\\', 't'}, 2};
    default: return {{'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]}, 6};
  }
}

}  // namespace

Escaped escape_json(std::string_view text, char* out, size_t room) {
  if (text.size() <= room && copy_checked<PlainCheck>(text, out)) return {text.size(), true};
  size_t read = 0;
  size_t written = 0;
  while (read < text.size()) {
    size_t run = read;
    while (run < text.size() && is_plain(static_cast<unsigned char>(text[run]))) ++run;
    const size_t plain = run - read;
    if (plain > room - written) {
      std::memcpy(out + written, text.data() + read, room - written);
      return {room, false};
    }
    std::memcpy(out + written, text.data() + read, plain);
    written += plain;
    read = run;
    if (read == text.size()) break;

    const auto c = static_cast<unsigned char>(text[read]);
    const size_t sequence = c >= 0x80 ? sequence_bytes(text.substr(read)) : 0;
    const Piece piece = escape_of(c);
    const char* bytes = sequence > 0 ? text.data() + read : piece.bytes.data();
    const size_t count = sequence > 0 ? sequence : piece.count;
    if (count > room - written) return {written, false};
    std::memcpy(out + written, bytes, count);
    written += count;
    read += sequence > 0 ? sequence : 1;
  }
  assert(written <= room);
  return {written, true};
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  const size_t start = out.size();
  out.resize(start + text.size() * kEscapeBytesMax);
  const Escaped escaped = escape_json(text, out.data() + start, text.size() * kEscapeBytesMax);
  assert(escaped.complete);
  out.resize(start + escaped.bytes);
  out += '"';
}

}  // namespace apim::observe
