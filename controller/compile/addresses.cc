#include "compile/addresses.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>

namespace apim::compile {
namespace {

constexpr uint64_t kMappedPrefix = 0xffff00000000ULL;

uint64_t big_endian(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, 8);
  return __builtin_bswap64(value);
}

bool is_mapped(const Address& address) {
  return address.high == 0 && (address.low >> 32) == 0xffff;
}

Address next(Address address) {
  if (++address.low == 0) ++address.high;
  return address;
}

// The network of `bits` leading bits around an address.
AddressRange network(const Address& address, uint32_t bits) {
  const auto mask = [](uint32_t n) { return n == 0 ? 0 : ~uint64_t{0} << (64 - n); };
  const uint64_t high_mask = mask(std::min(bits, 64U));
  const uint64_t low_mask = mask(bits > 64 ? bits - 64 : 0);
  return {.first = {address.high & high_mask, address.low & low_mask},
          .last = {address.high | ~high_mask, address.low | ~low_mask}};
}

bool within(const Address& address, std::string_view range_text) {
  const std::optional<AddressRange> range = parse_range(range_text);
  return range.has_value() && range->first <= address && address <= range->last;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  if (text.empty() || text.size() > 45) return std::nullopt;
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return std::nullopt;
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) {
    uint32_t number;
    std::memcpy(&number, bytes.data(), 4);
    return Address{.high = 0, .low = kMappedPrefix | ntohl(number)};
  }
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) != 1) return std::nullopt;
  return Address{.high = big_endian(bytes.data()), .low = big_endian(bytes.data() + 8)};
}

std::optional<AddressRange> parse_range(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<Address> address = parse_address(text.substr(0, slash));
  if (!address.has_value()) return std::nullopt;
  if (slash == std::string_view::npos) return AddressRange{*address, *address};
  const std::string_view digits = text.substr(slash + 1);
  uint32_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const bool is_dotted = text.substr(0, slash).find(':') == std::string_view::npos;
  if (bits > (is_dotted ? 32U : 128U)) return std::nullopt;
  return network(*address, is_dotted ? bits + 96 : bits);
}

std::vector<AddressRange> merged(std::vector<AddressRange> ranges) {
  std::ranges::sort(ranges);
  std::vector<AddressRange> out;
  for (const AddressRange& range : ranges) {
    const bool touches =
        !out.empty() && (range.first <= out.back().last || range.first == next(out.back().last));
    if (!touches) {
      out.push_back(range);
    } else if (out.back().last < range.last) {
      out.back().last = range.last;
    }
  }
  return out;
}

std::vector<AddressRange> intersected(const std::vector<AddressRange>& ranges) {
  if (ranges.empty()) return {};
  const AddressRange* latest = &ranges.front();
  const AddressRange* earliest = &ranges.front();
  for (const AddressRange& range : ranges) {
    if (latest->first < range.first) latest = &range;
    if (range.last < earliest->last) earliest = &range;
  }
  if (latest->first <= earliest->last) return {{latest->first, earliest->last}};
  return {*earliest, *latest};
}

bool is_metadata(const Address& address) {
  if (is_mapped(address)) {
    return within(address, "169.254.0.0/16") || within(address, "100.100.100.200");
  }
  return within(address, "fe80::/10") || within(address, "fd00:ec2::254");
}

std::string to_text(const Address& address) {
  std::array<uint8_t, 16> bytes{};
  const uint64_t high = __builtin_bswap64(address.high);
  const uint64_t low = __builtin_bswap64(address.low);
  std::memcpy(bytes.data(), &high, 8);
  std::memcpy(bytes.data() + 8, &low, 8);
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_ipv4 = is_mapped(address);
  inet_ntop(is_ipv4 ? AF_INET : AF_INET6, is_ipv4 ? bytes.data() + 12 : bytes.data(), text.data(),
            text.size());
  return text.data();
}

fbs::IpRange to_fbs(const AddressRange& range) {
  return {range.first.high, range.first.low, range.last.high, range.last.low};
}

}  // namespace apim::compile
