#include "base/address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>

namespace apim {
namespace {

constexpr size_t kTextMax = INET6_ADDRSTRLEN;
constexpr uint64_t kMappedPrefix = 0xffffULL << 32;

uint64_t big_endian(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return __builtin_bswap64(value);
}

// Sets every bit below the first `bits` of 128.
Address with_tail_set(Address address, unsigned bits) {
  if (bits == 0) return {~0ULL, ~0ULL};
  if (bits < 64) return {address.high | (~0ULL >> bits), ~0ULL};
  if (bits == 64) return {address.high, ~0ULL};
  if (bits < 128) return {address.high, address.low | (~0ULL >> (bits - 64))};
  return address;
}

Address with_tail_cleared(Address address, unsigned bits) {
  if (bits == 0) return {0, 0};
  if (bits < 64) return {address.high & ~(~0ULL >> bits), 0};
  if (bits == 64) return {address.high, 0};
  if (bits < 128) return {address.high, address.low & ~(~0ULL >> (bits - 64))};
  return address;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  if (text.empty() || text.size() >= kTextMax) return std::nullopt;
  std::array<char, kTextMax> zero_ended{};
  std::memcpy(zero_ended.data(), text.data(), text.size());
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, zero_ended.data(), bytes.data()) == 1) {
    return Address{big_endian(bytes.data()), big_endian(bytes.data() + 8)};
  }
  std::array<uint8_t, 4> four{};
  if (inet_pton(AF_INET, zero_ended.data(), four.data()) != 1) return std::nullopt;
  const uint64_t number =
      uint64_t{four[0]} << 24 | uint64_t{four[1]} << 16 | uint64_t{four[2]} << 8 | four[3];
  return Address{0, kMappedPrefix | number};
}

std::optional<AddressRange> parse_range(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return AddressRange{*address, *address};
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const bool is_v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  if (bits > (is_v4 ? 32U : 128U)) return std::nullopt;
  const unsigned prefix = is_v4 ? bits + 96 : bits;
  return AddressRange{with_tail_cleared(*address, prefix), with_tail_set(*address, prefix)};
}

std::string to_text(const Address& address) {
  std::array<char, kTextMax> text{};
  if (address.high == 0 && address.low >> 32 == 0xffff) {
    char* at = text.data();
    for (unsigned shift = 24;; shift -= 8) {
      at = std::to_chars(at, text.data() + text.size(), address.low >> shift & 0xff).ptr;
      if (shift == 0) return {text.data(), at};
      *at++ = '.';
    }
  }
  std::array<uint64_t, 2> bytes{__builtin_bswap64(address.high), __builtin_bswap64(address.low)};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

}  // namespace apim
