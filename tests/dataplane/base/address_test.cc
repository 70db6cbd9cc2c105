// What addresses promise: one number for both families, strict text.

#include "base/address.h"

#include <gtest/gtest.h>

namespace apim {
namespace {

TEST(Address, BothFamiliesReadBackAsTheyWere) {
  for (const char* text : {"0.0.0.0", "10.1.2.3", "255.255.255.255", "::", "::1", "2001:db8::ff"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(to_text(*address), text);
  }
}

TEST(Address, AMappedAddressIsTheDottedOne) {
  EXPECT_EQ(parse_address("::ffff:10.1.2.3"), parse_address("10.1.2.3"));
}

TEST(Address, AnythingElseIsRefused) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "[::1]",
                           "::1%lo", "1.2.3.4:80", "localhost", "1.2.3.4/8", ":::1"}) {
    EXPECT_FALSE(parse_address(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_address(std::string(1000, '1')).has_value());
}

TEST(AddressRange, HoldsItsEndsAndNothingBeyond) {
  const auto range = parse_range("10.0.0.0/30");
  ASSERT_TRUE(range.has_value());
  EXPECT_TRUE(range->holds(*parse_address("10.0.0.0")));
  EXPECT_TRUE(range->holds(*parse_address("10.0.0.3")));
  EXPECT_FALSE(range->holds(*parse_address("10.0.0.4")));
  EXPECT_FALSE(range->holds(*parse_address("9.255.255.255")));
}

TEST(AddressRange, EveryPrefixLengthHoldsExactlyItsShare) {
  const Address address = *parse_address("2001:db8:1234:5678:9abc:def0:1234:5678");
  for (unsigned bits = 0; bits <= 128; ++bits) {
    SCOPED_TRACE(bits);
    const auto range = parse_range(to_text(address) + "/" + std::to_string(bits));
    ASSERT_TRUE(range.has_value());
    EXPECT_TRUE(range->holds(address));
    if (bits == 0) continue;
    Address flipped = address;  // Differs in the prefix's last bit.
    (bits <= 64 ? flipped.high : flipped.low) ^= uint64_t{1} << (63 - (bits - 1) % 64);
    EXPECT_FALSE(range->holds(flipped));
    if (bits == 128) continue;
    Address inside = address;  // Differs in the first bit behind the prefix.
    (bits < 64 ? inside.high : inside.low) ^= uint64_t{1} << (63 - bits % 64);
    EXPECT_TRUE(range->holds(inside));
  }
}

TEST(AddressRange, ASingleAddressIsARange) {
  const auto range = parse_range("::1");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->first, range->last);
}

TEST(AddressRange, BadPrefixesAreRefused) {
  for (const char* text :
       {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "/8"}) {
    EXPECT_FALSE(parse_range(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace apim
