#include "store/text.h"

#include <cassert>

namespace apim::store {
namespace {

struct Sequence {
  size_t bytes = 0;  // 0: not the start of a character
  uint32_t value = 0;
  uint32_t value_min = 0;
};

Sequence begin_sequence(uint8_t lead) {
  if (lead < 0x80) return {1, lead, 0};
  if ((lead & 0xe0) == 0xc0) return {2, lead & 0x1fu, 0x80};
  if ((lead & 0xf0) == 0xe0) return {3, lead & 0x0fu, 0x800};
  if ((lead & 0xf8) == 0xf0) return {4, lead & 0x07u, 0x10000};
  return {};
}

int digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  return -1;
}

}  // namespace

bool is_storable_text(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    Sequence sequence = begin_sequence(static_cast<uint8_t>(text[i]));
    if (sequence.bytes == 0 || i + sequence.bytes > text.size()) return false;
    for (size_t k = 1; k < sequence.bytes; ++k) {
      const auto next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      sequence.value = (sequence.value << 6) | (next & 0x3fu);
    }
    const bool is_surrogate = sequence.value >= 0xd800 && sequence.value <= 0xdfff;
    if (sequence.value == 0 || sequence.value < sequence.value_min) return false;
    if (is_surrogate || sequence.value > 0x10ffff) return false;
    i += sequence.bytes;
  }
  return true;
}

std::string to_hex(std::span<const uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0x0f];
  }
  return hex;
}

bool from_hex(std::string_view hex, std::span<uint8_t> bytes) {
  if (hex.size() != 2 * bytes.size()) return false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(hex[2 * i]);
    const int low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& letter : lowered) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lowered;
}

std::string like_pattern(std::string_view text, bool anywhere) {
  std::string pattern;
  bool has_star = false;
  for (const char letter : lower(text)) {
    if (letter == '*') {
      has_star = true;
      pattern += '%';
      continue;
    }
    if (letter == '%' || letter == '_' || letter == '!') pattern += '!';
    pattern += letter;
  }
  return anywhere && !has_star ? "%" + pattern + "%" : pattern;
}

}  // namespace apim::store
