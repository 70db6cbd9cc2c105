// What the fetcher promises: refusals and unreadable hubs are told apart, and nothing is read
// twice.

#include "snapshot/fetcher.h"

#include <sys/stat.h>

#include "snapshot/source_directory.h"
#include "support_hub.h"

namespace apim::snapshot {
namespace {

class FetcherTest : public ::testing::Test {
 protected:
  auto fetch(const std::string& manifest, const Standing& standing = {}) {
    return fetcher_.fetch(test::to_bytes(manifest), standing, source_.get());
  }

  test::TemporaryFolder folder_;
  test::Hub hub_{folder_ / "hub"};
  CacheDisk cache_{folder_ / "cache"};
  std::unique_ptr<Source> source_ = open_source_directory(hub_.path(), "Default");
  Fetcher fetcher_{test::signing_key().public_key, "Default", cache_};
};

TEST_F(FetcherTest, ReadsEverySegmentOnce) {
  const auto fetched = fetch(hub_.put(test::full_world().catalog, 1).manifest);
  ASSERT_TRUE(fetched) << fetched.error().reason();
  EXPECT_EQ((*fetched)->segments_read, 5U);
  EXPECT_EQ((*fetched)->image->epoch(), 1U);
}

TEST_F(FetcherTest, TheStandingManifestIsNoNews) {
  const std::string manifest = hub_.put(test::full_world().catalog, 1).manifest;
  const auto fetched = fetch(manifest);
  const auto again =
      fetch(manifest, {.image = (*fetched)->image, .manifest_digest = (*fetched)->manifest_digest});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->has_value());
}

TEST_F(FetcherTest, OldContentUnderANewEpochReadsNothing) {
  const auto first = fetch(hub_.put(test::full_world().catalog, 1).manifest);
  const Standing standing{.image = (*first)->image, .manifest_digest = (*first)->manifest_digest};
  const auto second = fetch(hub_.put(test::full_world().catalog, 2).manifest, standing);
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->segments_read, 0U);
  EXPECT_EQ((*second)->image->epoch(), 2U);
}

TEST_F(FetcherTest, AMissingSegmentIsNoRefusal) {
  const test::Published published = hub_.put(test::full_world().catalog, 1);
  std::filesystem::remove(hub_.segment_path(published.compiled.fresh[0].ref.digest));
  const auto fetched = fetch(published.manifest);
  ASSERT_FALSE(fetched);
  EXPECT_FALSE(fetched.error().is_refusal());
  EXPECT_EQ(fetched.error().epoch, 1U);
}

TEST_F(FetcherTest, AnOlderEpochIsARefusal) {
  const std::string old = hub_.put(test::full_world().catalog, 1).manifest;
  const auto fetched = fetch(hub_.put(test::full_world().catalog, 2).manifest);
  const auto back =
      fetch(old, {.image = (*fetched)->image, .manifest_digest = (*fetched)->manifest_digest});
  ASSERT_FALSE(back);
  ASSERT_TRUE(back.error().is_refusal());
  EXPECT_EQ(std::get<Refusal>(back.error().why).code, FaultCode::SnapshotOld);
}

TEST_F(FetcherTest, WhatStandsInASegmentsPlaceInTheCacheIsForgotten) {
  const test::Published published = hub_.put(test::full_world().catalog, 1);
  const auto fetched = fetch(published.manifest);
  const std::string path =
      folder_ / ("cache/segments/" + compile::to_hex(published.compiled.fresh[0].ref.digest)) +
      ".seg";
  ASSERT_TRUE(fetcher_.keep(test::to_bytes(published.manifest), *(*fetched)->image));
  const std::string whole = test::read_text(path);
  const auto replaced_by = [&](auto put) {
    std::filesystem::remove(path);
    put();
    const auto again = fetch(published.manifest);
    return again && (*again)->segments_read == 1 &&
           fetcher_.keep(test::to_bytes(published.manifest), *(*again)->image).has_value() &&
           test::read_text(path) == whole;
  };
  EXPECT_TRUE(replaced_by([&] { std::filesystem::create_directory(path); }));
  EXPECT_TRUE(replaced_by([&] { std::filesystem::create_symlink(path, path); }));
  EXPECT_TRUE(replaced_by([&] { ASSERT_EQ(mkfifo(path.c_str(), 0600), 0); }));
  EXPECT_TRUE(replaced_by([&] { test::write_file(path, whole + whole); }));
}

TEST_F(FetcherTest, WhatIsKeptIsEnoughWithoutASource) {
  const std::string manifest = hub_.put(test::full_world().catalog, 1).manifest;
  const auto fetched = fetch(manifest);
  ASSERT_TRUE(fetcher_.keep(test::to_bytes(manifest), *(*fetched)->image));
  const auto from_cache = fetcher_.fetch(test::to_bytes(manifest), {}, nullptr);
  ASSERT_TRUE(from_cache) << from_cache.error().reason();
  EXPECT_EQ((*from_cache)->segments_read, 0U);
  EXPECT_EQ((*from_cache)->image->counts().keys, 8U);
}

}  // namespace
}  // namespace apim::snapshot
