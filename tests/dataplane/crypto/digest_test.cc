// What digests promise: FIPS 180-4's values, and comparison by size and content.

#include "crypto/digest.h"

#include <gtest/gtest.h>

#include <vector>

#include "crypto/hex.h"

namespace apim::crypto {
namespace {

TEST(Digest, IsSha256) {
  EXPECT_EQ(to_hex(sha256(std::string_view(""))),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(std::string_view("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, ComparesSizeAndEveryByte) {
  const std::vector<uint8_t> a{1, 2, 3};
  std::vector<uint8_t> b = a;
  EXPECT_TRUE(equal_in_constant_time(a, b));
  for (size_t i = 0; i < b.size(); ++i) {
    b[i] ^= 0x80;
    EXPECT_FALSE(equal_in_constant_time(a, b));
    b[i] ^= 0x80;
  }
  EXPECT_FALSE(equal_in_constant_time(a, std::span(b).first(2)));
}

}  // namespace
}  // namespace apim::crypto
