#include "compile/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apim::compile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string shown(const std::vector<AddressRange>& ranges) {
  std::string out;
  for (const AddressRange& range : ranges) {
    out += to_text(range.first) + "-" + to_text(range.last) + " ";
  }
  return out;
}

std::vector<AddressRange> parsed(const std::vector<const char*>& texts) {
  std::vector<AddressRange> out;
  for (const char* text : texts) {
    const auto range = parse_range(text);
    EXPECT_TRUE(range.has_value()) << text;
    if (range.has_value()) out.push_back(*range);
  }
  return out;
}

TEST(Addresses, CidrIsARange) {
  EXPECT_EQ(shown(parsed({"10.1.2.3/8", "192.0.2.1", "0.0.0.0/0", "2001:db8::/32", "::1/128"})),
            "10.0.0.0-10.255.255.255 192.0.2.1-192.0.2.1 0.0.0.0-255.255.255.255 "
            "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff ::1-::1 ");
  EXPECT_EQ(shown(parsed({"::/0"})), "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ");
}

TEST(Addresses, AnythingElseIsRefused) {
  for (const char* bad :
       {"", "10", "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129",
        "[::1]", "::1%eth0", "10.0.0.1:80", "10.0.0.0/8x", "host"}) {
    EXPECT_FALSE(parse_range(bad).has_value()) << bad;
  }
}

TEST(Addresses, OverlappingAndTouchingRangesMerge) {
  EXPECT_EQ(shown(merged(
                parsed({"10.0.2.0/24", "10.0.0.0/24", "10.0.1.0/24", "10.0.0.7", "11.0.0.0/8"}))),
            "10.0.0.0-10.0.2.255 11.0.0.0-11.255.255.255 ");
  EXPECT_EQ(shown(merged(parsed({"10.0.0.0/8", "10.0.0.0/24"}))), "10.0.0.0-10.255.255.255 ");
  EXPECT_EQ(shown(merged(parsed({"::/1", "8000::/1"}))),
            "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ");
}

TEST(Addresses, WhatLiesInAllOfThemIsOneRange) {
  EXPECT_EQ(shown(intersected(parsed({"10.0.0.0/8", "10.1.0.0/16"}))), "10.1.0.0-10.1.255.255 ");
  EXPECT_THAT(intersected({}), IsEmpty());
}

TEST(Addresses, WhatLiesInNoneOfThemIsOutsideOneOfTwo) {
  const auto ranges = intersected(parsed({"10.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8"}));
  EXPECT_EQ(shown(ranges), "10.0.0.0-10.255.255.255 12.0.0.0-12.255.255.255 ");
}

TEST(Addresses, MetadataServicesAndLinkLocalAreKnown) {
  for (const char* guarded : {"169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "fe80::1",
                              "fd00:ec2::254", "100.100.100.200"}) {
    EXPECT_TRUE(is_metadata(*parse_address(guarded))) << guarded;
  }
  for (const char* free : {"169.253.255.255", "127.0.0.1", "::1", "fd00::1"}) {
    EXPECT_FALSE(is_metadata(*parse_address(free))) << free;
  }
}

}  // namespace
}  // namespace apim::compile
