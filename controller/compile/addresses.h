// Addresses: IP addresses and ranges as sorted lists of 128-bit numbers.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common_generated.h"

namespace apim::compile {

// Big-endian 128-bit number; IPv4 is mapped (::ffff:a.b.c.d).
struct Address {
  uint64_t high = 0;
  uint64_t low = 0;
  friend auto operator<=>(const Address&, const Address&) = default;
};

struct AddressRange {  // Inclusive on both ends; first <= last.
  Address first;
  Address last;
  friend auto operator<=>(const AddressRange&, const AddressRange&) = default;
};

// Dotted IPv4 or RFC 4291 IPv6 text, nothing else.
std::optional<Address> parse_address(std::string_view text);

// "10.0.0.0/8", "2001:db8::/32" or a single address. Host bits of a prefix are ignored.
std::optional<AddressRange> parse_range(std::string_view text);

// Sorted, overlapping and touching ranges merged.
std::vector<AddressRange> merged(std::vector<AddressRange> ranges);

// What lies in all of them: one range; or, when that is nothing, two disjoint ones out of which no
// address is in both. Precondition of an entry: first <= last. Empty in, empty out.
std::vector<AddressRange> intersected(const std::vector<AddressRange>& ranges);

// Link-local addresses and the well-known places of cloud metadata services.
bool is_metadata(const Address& address);

// Dotted for mapped IPv4, RFC 5952 otherwise.
std::string to_text(const Address& address);

fbs::IpRange to_fbs(const AddressRange& range);

}  // namespace apim::compile
