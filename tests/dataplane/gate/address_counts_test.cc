// Who counts as one client, and that nothing stays of those who left.

#include "gate/address_counts.h"

#include <gtest/gtest.h>

namespace apim::gate {
namespace {

TEST(AddressCounts, CountsEachAddressAndForgetsIt) {
  AddressCounts counts;
  const Address one = *parse_address("192.0.2.1");
  const Address two = *parse_address("192.0.2.2");
  counts.add(one);
  counts.add(one);
  counts.add(two);
  EXPECT_EQ(counts.of(one), 2U);
  EXPECT_EQ(counts.of(two), 1U);
  counts.remove(one);
  counts.remove(one);
  counts.remove(two);
  EXPECT_EQ(counts.of(one), 0U);
  EXPECT_EQ(counts.client_count(), 0U);
}

TEST(AddressCounts, ANetworkOfIpv6IsOneClient) {
  AddressCounts counts;
  counts.add(*parse_address("2001:db8:1:2::1"));
  counts.add(*parse_address("2001:db8:1:2:ffff::9"));
  EXPECT_EQ(counts.of(*parse_address("2001:db8:1:2::77")), 2U);
  EXPECT_EQ(counts.of(*parse_address("2001:db8:1:3::1")), 0U);
}

}  // namespace
}  // namespace apim::gate
