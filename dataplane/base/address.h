// Address: an IP address as a 128-bit number; IPv4 is mapped (::ffff:a.b.c.d), so one compare fits
// both.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apim {

struct Address {
  uint64_t high = 0;  // Network order read as a big-endian number.
  uint64_t low = 0;

  friend auto operator<=>(const Address&, const Address&) = default;
};

struct AddressRange {  // Inclusive on both ends.
  Address first;
  Address last;

  bool holds(const Address& address) const { return first <= address && address <= last; }
};

// Dotted IPv4 or RFC 4291 IPv6 text, nothing else: no zone, no port, no brackets.
std::optional<Address> parse_address(std::string_view text);

// "10.0.0.0/8", "2001:db8::/32" or a single address.
std::optional<AddressRange> parse_range(std::string_view text);

// The usual text form: dotted for mapped IPv4, RFC 5952 otherwise.
std::string to_text(const Address& address);

}  // namespace apim
