#include "compile/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"

namespace apim::compile {
namespace {

using testing::HasSubstr;

SigningKey test_key(uint8_t seed = 1) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(seed);
  return signing_key_from_seed(bytes);
}

Manifest sample() {
  return {.environment = "Default",
          .epoch = 42,
          .created_ms = 1'700'000'000'123,
          .rollback_of = 7,
          .key_id = key_id(test_key().public_key),
          .content = compile(support::empty_catalog(), {}).content};
}

TEST(ManifestFile, WhatIsReadIsWhatWasWritten) {
  const Manifest written = sample();
  const auto read = read_manifest(write_manifest(written, test_key()), test_key().public_key);
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->environment, written.environment);
  EXPECT_EQ(read->epoch, written.epoch);
  EXPECT_EQ(read->created_ms, written.created_ms);
  EXPECT_EQ(read->rollback_of, written.rollback_of);
  EXPECT_EQ(read->key_id, written.key_id);
  EXPECT_EQ(read->content, written.content);
}

TEST(ManifestFile, EveryFlippedBitIsNoticed) {
  const std::string file = write_manifest(sample(), test_key());
  for (size_t at = 0; at < file.size(); ++at) {
    std::string spoiled = file;
    spoiled[at] = static_cast<char>(spoiled[at] ^ 4);
    EXPECT_FALSE(read_manifest(spoiled, test_key().public_key).has_value()) << "byte " << at;
  }
}

TEST(ManifestFile, EveryTruncationIsNoticed) {
  const std::string file = write_manifest(sample(), test_key());
  for (size_t bytes = 0; bytes < file.size(); ++bytes) {
    EXPECT_FALSE(read_manifest(file.substr(0, bytes), test_key().public_key).has_value());
  }
  EXPECT_FALSE(read_manifest(file + "x", test_key().public_key).has_value());
}

TEST(ManifestFile, AnotherKeysSignatureIsNamed) {
  const auto read = read_manifest(write_manifest(sample(), test_key(2)), test_key().public_key);
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error(), HasSubstr("is not signed by the key " + key_id(test_key().public_key)));
  EXPECT_THAT(read.error(), HasSubstr("it names " + key_id(test_key(2).public_key)));
}

TEST(ManifestFile, CanBeInspectedWithoutAKey) {
  const auto read = read_unverified_manifest(write_manifest(sample(), test_key(2)));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->epoch, 42U);
}

TEST(ManifestFile, ASegmentIsNotAManifest) {
  const Compiled compiled = compile(support::empty_catalog(), {});
  const auto read = read_unverified_manifest(compiled.fresh[0].bytes + std::string(64, 'x'));
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error(), HasSubstr("expected 'manifest'"));
}

}  // namespace
}  // namespace apim::compile
