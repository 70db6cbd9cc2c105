#include "compile/keys.h"

#include <flatbuffers/flatbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"
#include "keys_generated.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using support::kNow;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

model::Catalog catalog_with(std::vector<model::ApiKey> keys) {
  model::Catalog catalog = support::empty_catalog();
  catalog.applications[1] = support::application(1);
  catalog.keys[1] = std::move(keys);
  return catalog;
}

std::vector<std::string> report_of(const model::Catalog& catalog) {
  return support::lines_of(compile(catalog, {.now_s = kNow}).report.findings);
}

TEST(Keys, EveryKeyIsFoundByItsDigest) {
  constexpr uint8_t kBits = 2;
  std::vector<model::ApiKey> all;
  for (int i = 0; i < 2'000; ++i) all.push_back(support::key(1, std::to_string(i)));
  uint32_t found = 0;
  for (uint32_t shard = 0; shard < (1U << kBits); ++shard) {
    std::vector<const model::ApiKey*> of_shard;
    for (const model::ApiKey& key : all) {
      if (layout::shard_of_digest(key.digest.data(), kBits) == shard) of_shard.push_back(&key);
    }
    std::vector<Finding> findings;
    const std::string payload = build_keys(of_shard, kBits, kNow, findings);
    const fbs::Keys* keys = fbs::GetKeys(payload.data());
    const uint32_t buckets = keys->index()->size() - 1;
    for (const model::ApiKey* key : of_shard) {
      const uint32_t bucket =
          layout::bucket_of(layout::digest_bucket_hash(key->digest.data(), kBits), buckets);
      for (uint32_t i = keys->index()->Get(bucket); i < keys->index()->Get(bucket + 1); ++i) {
        const auto* digest = keys->entries()->Get(i)->digest();
        if (std::memcmp(digest->data(), key->digest.data(), 32) == 0) ++found;
      }
    }
  }
  EXPECT_EQ(found, 2'000U);
}

TEST(Keys, AnExpiredKeyIsLeftOutAndOneThatWillExpireIsNot) {
  std::vector<model::ApiKey> keys{support::key(1, "past"), support::key(1, "now"),
                                  support::key(1, "future"), support::key(1, "never")};
  keys[0].expires_s = kNow - 1;
  keys[1].expires_s = kNow;
  keys[2].expires_s = kNow + 1;
  const nlohmann::json dumped = support::dumped(catalog_with(keys))["keys"];
  EXPECT_THAT(dumped, SizeIs(2));
}

TEST(Keys, PermittedAddressesWinOverReferers) {
  std::vector<model::ApiKey> keys{support::key(1, "both")};
  keys[0].permitted_ips = "10.0.0.7, 10.0.0.8 ,2001:db8::/64";
  keys[0].permitted_referers = "https://*.example.com/*";
  const nlohmann::json key = support::dumped(catalog_with(keys))["keys"][0];
  EXPECT_EQ(key["addresses"],
            nlohmann::json({"10.0.0.7 - 10.0.0.8", "2001:db8:: - 2001:db8::ffff:ffff:ffff:ffff"}));
  EXPECT_FALSE(key.contains("referers"));
}

TEST(Keys, ReferersStandAloneWithoutAddresses) {
  std::vector<model::ApiKey> keys{support::key(1, "referer")};
  keys[0].permitted_referers = "https://a/*, https://b/*";
  const nlohmann::json key = support::dumped(catalog_with(keys))["keys"][0];
  EXPECT_EQ(key["referers"], nlohmann::json({"https://a/*", "https://b/*"}));
  EXPECT_FALSE(key.contains("addresses"));
}

TEST(Keys, EqualRestrictionsAreWrittenOnce) {
  std::vector<model::ApiKey> keys;
  for (int i = 0; i < 10; ++i) {
    keys.push_back(support::key(1, std::to_string(i)));
    keys.back().permitted_ips = i % 2 == 0 ? "10.0.0.0/8" : "11.0.0.0/8";
  }
  std::vector<const model::ApiKey*> pointers;
  for (const model::ApiKey& key : keys) pointers.push_back(&key);
  std::vector<Finding> findings;
  const std::string payload = build_keys(pointers, 0, kNow, findings);
  EXPECT_EQ(fbs::GetKeys(payload.data())->restrictions()->size(), 2U);
}

TEST(Keys, AKeyWhoseRestrictionCannotBeReadIsClosedNotOpen) {
  std::vector<model::ApiKey> keys{support::key(1, "good"), support::key(1, "bad"),
                                  support::key(1, "empty")};
  keys[1].permitted_ips = "10.0.0.1, nonsense";
  keys[2].permitted_ips = " , ";
  const model::Catalog catalog = catalog_with(keys);
  EXPECT_THAT(support::dumped(catalog)["keys"], SizeIs(1));
  EXPECT_THAT(
      report_of(catalog),
      testing::UnorderedElementsAre(
          "key 'bad' (key-bad) of application application-1: its permitted IP 'nonsense' is "
          "neither an address nor a CIDR range; the key is left out",
          "key 'empty' (key-empty) of application application-1: its list of permitted "
          "addresses or referers has no entry; the key is left out"));
  EXPECT_THAT(check_key(keys[0]), IsEmpty());
  EXPECT_THAT(check_key(keys[1]), SizeIs(1));
}

TEST(Keys, AKeyOfNoApplicationIsLeftOut) {
  model::Catalog catalog = catalog_with({support::key(1, "a")});
  catalog.keys[2] = {support::key(2, "b")};
  EXPECT_THAT(support::dumped(catalog)["keys"], SizeIs(1));
}

TEST(Keys, OneDigestStandsOnce) {
  model::Catalog catalog = catalog_with({support::key(1, "a"), support::key(1, "a")});
  EXPECT_THAT(support::dumped(catalog)["keys"], SizeIs(1));
}

TEST(KeyTable, OnlyShardsWithADifferenceAreTouched) {
  model::Catalog catalog = support::empty_catalog();
  catalog.applications[1] = support::application(1);
  for (int i = 0; i < 100; ++i) catalog.keys[1].push_back(support::key(1, std::to_string(i)));
  KeyTable table;
  table.reset(catalog, 4);
  std::set<uint32_t> shards;
  table.refresh(catalog, 1, shards);
  EXPECT_THAT(shards, IsEmpty());
  catalog.keys[1][3].expires_s = kNow;
  table.refresh(catalog, 1, shards);
  const uint32_t shard = layout::shard_of_digest(catalog.keys[1][3].digest.data(), 4);
  EXPECT_THAT(shards, ElementsAre(shard));
}

}  // namespace
}  // namespace apim::compile
