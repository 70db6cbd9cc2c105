#include "schemas/layout.h"

#include <gtest/gtest.h>

#include <array>

namespace apim::layout {
namespace {

// The values schemas/README.md gives to whoever writes another reader.
TEST(Layout, TheHashIsAsDocumented) {
  EXPECT_EQ(hash_bytes(""), 0x41efea6f7f9c730fULL);
  EXPECT_EQ(hash_bytes("a"), 0xe0970d418b5931fbULL);
  EXPECT_EQ(hash_bytes("/pizza/1.0.0"), 0x4b3bb16c39b4a8c2ULL);
}

TEST(Layout, BucketsAreThePowerOfTwoAtOrAboveTheCount) {
  EXPECT_EQ(bucket_count_for(0), 1U);
  EXPECT_EQ(bucket_count_for(1), 1U);
  EXPECT_EQ(bucket_count_for(3), 4U);
  EXPECT_EQ(bucket_count_for(4), 4U);
  EXPECT_EQ(bucket_of(~0ULL, 1), 0U);
  EXPECT_EQ(bucket_of(0xC000000000000000ULL, 4), 3U);
}

TEST(Layout, ADigestsShardAndBucketShareNoBits) {
  std::array<uint8_t, 32> digest{};
  digest[0] = 0b1011'0100;
  EXPECT_EQ(shard_of_digest(digest.data(), 0), 0U);
  EXPECT_EQ(shard_of_digest(digest.data(), 3), 0b101U);
  EXPECT_EQ(digest_bucket_hash(digest.data(), 3) >> 59, 0b10100U);
}

TEST(Layout, IdsShardByTheirLowBits) {
  EXPECT_EQ(shard_of_id(0b1101, 2), 1U);
  EXPECT_EQ(shard_of_id(0b1101, 0), 0U);
}

}  // namespace
}  // namespace apim::layout
