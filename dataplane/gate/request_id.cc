#include "gate/request_id.h"

#include <sys/random.h>

#include <array>
#include <cassert>
#include <cstring>

namespace apim::gate {
namespace {

constexpr size_t kSentBytesMax = 128;
constexpr size_t kMadeBytes = 32;

bool is_request_id_byte(char c) {
  const bool is_alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return is_alphanumeric || std::string_view("-_.:/+=@~").find(c) != std::string_view::npos;
}

constexpr std::array<std::array<char, 2>, 256> make_hex_pairs() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t byte = 0; byte < pairs.size(); ++byte) {
    pairs[byte] = {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return pairs;
}
constexpr auto kHexPairs = make_hex_pairs();

// 16 digits.
void write_hex(uint64_t value, char* at) {
  for (int shift = 56; shift >= 0; shift -= 8, at += 2) {
    std::memcpy(at, kHexPairs[value >> shift & 0xff].data(), 2);
  }
}

}  // namespace

bool is_sane_request_id(std::string_view text) {
  if (text.empty() || text.size() > kSentBytesMax) return false;
  for (const char c : text) {
    if (!is_request_id_byte(c)) return false;
  }
  return true;
}

RequestIds::RequestIds() {
  uint64_t seed[2] = {0, 0};
  const ssize_t count = getrandom(seed, sizeof(seed), 0);
  assert(count == sizeof(seed));
  (void)count;
  write_hex(seed[0], high_.data());
  state_ = seed[1];
}

// SplitMix64 (Steele, Lea, Flood 2014): every value of 64 bits comes once.
uint64_t RequestIds::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::string_view RequestIds::make(Arena& arena) {
  char* text = static_cast<char*>(arena.allocate(kMadeBytes, 1));
  if (text == nullptr) return {};
  std::memcpy(text, high_.data(), high_.size());
  write_hex(next(), text + 16);
  return {text, kMadeBytes};
}

}  // namespace apim::gate
