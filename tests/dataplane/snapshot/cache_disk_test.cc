// What the disk cache promises: the last stored snapshot whole, and nothing older beside it.

#include "snapshot/cache_disk.h"

#include <thread>

#include "support_hub.h"

namespace apim::snapshot {
namespace {

std::vector<CacheDisk::Entry> entries_of(const test::Published& published) {
  std::vector<CacheDisk::Entry> entries;
  for (const auto& file : published.compiled.fresh) {
    entries.push_back(
        {.digest = file.ref.digest,
         .file = {reinterpret_cast<const uint8_t*>(file.bytes.data()), file.bytes.size()}});
  }
  return entries;
}

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

SegmentRef ref_of(const compile::SegmentFile& file) {
  return {.kind = file.ref.kind,
          .shard = 0,
          .shard_bits = 0,
          .bytes = file.ref.bytes,
          .digest = file.ref.digest};
}

size_t file_count(const std::string& path) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path),
                                           std::filesystem::directory_iterator()));
}

TEST(CacheDisk, GivesBackWhatWasStored) {
  const test::TemporaryFolder folder;
  CacheDisk cache(folder / "cache");
  EXPECT_TRUE(cache.manifest().error().is_missing);
  const test::Published published = test::publish(test::full_world().catalog, 1);
  ASSERT_TRUE(cache.store(bytes_of(published.manifest), entries_of(published)));
  EXPECT_EQ(cache.manifest()->size(), published.manifest.size());
  for (const auto& file : published.compiled.fresh)
    EXPECT_EQ(cache.segment(ref_of(file))->size(), file.bytes.size());
}

TEST(CacheDisk, TwoThatStoreLeaveOneWhole) {
  const test::TemporaryFolder folder;
  test::World world = test::full_world();
  const test::Published first = test::publish(world.catalog, 1);
  world.add_key(1, "new-key");
  const test::Published second = test::publish(world.catalog, 2);
  std::vector<std::thread> writers;
  for (const test::Published* each : {&first, &second}) {
    writers.emplace_back([&folder, each] {
      CacheDisk cache(folder / "cache");
      for (int i = 0; i < 30; ++i)
        EXPECT_TRUE(cache.store(bytes_of(each->manifest), entries_of(*each)));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const CacheDisk cache(folder / "cache");
  const Bytes kept = *cache.manifest();
  const std::string text(reinterpret_cast<const char*>(kept.data()), kept.size());
  ASSERT_TRUE(text == first.manifest || text == second.manifest);
  const test::Published& left = text == first.manifest ? first : second;
  for (const auto& file : left.compiled.fresh) EXPECT_TRUE(cache.segment(ref_of(file)));
}

TEST(CacheDisk, AStartFromItKeepsItsSegments) {
  const test::TemporaryFolder folder;
  CacheDisk cache(folder / "cache");
  const test::Published published = test::publish(test::full_world().catalog, 1);
  ASSERT_TRUE(cache.store(bytes_of(published.manifest), entries_of(published)));
  const auto hold = cache.hold();
  ASSERT_TRUE(hold);
  EXPECT_TRUE(cache.hold());
  EXPECT_FALSE(FileLock::take(folder / "cache/store.lock", FileLock::Kind::Exclusive, 0));
}

TEST(CacheDisk, DropsWhatTheNewManifestDoesNotName) {
  const test::TemporaryFolder folder;
  CacheDisk cache(folder / "cache");
  test::World world = test::full_world();
  const test::Published first = test::publish(world.catalog, 1);
  ASSERT_TRUE(cache.store(bytes_of(first.manifest), entries_of(first)));
  world.add_key(1, "new-key");
  const test::Published second = test::publish(world.catalog, 2);
  ASSERT_TRUE(cache.store(bytes_of(second.manifest), entries_of(second)));
  EXPECT_EQ(file_count(folder / "cache/segments"), second.compiled.fresh.size());
  for (const auto& file : second.compiled.fresh) EXPECT_TRUE(cache.segment(ref_of(file)));
}

TEST(CacheDisk, AForgottenSegmentIsWrittenAgain) {
  const test::TemporaryFolder folder;
  CacheDisk cache(folder / "cache");
  const test::Published published = test::publish(test::full_world().catalog, 1);
  ASSERT_TRUE(cache.store(bytes_of(published.manifest), entries_of(published)));
  const SegmentRef ref = ref_of(published.compiled.fresh[0]);
  cache.forget(ref);
  EXPECT_TRUE(cache.segment(ref).error().is_missing);
  ASSERT_TRUE(cache.store(bytes_of(published.manifest), entries_of(published)));
  EXPECT_TRUE(cache.segment(ref));
}

TEST(CacheDisk, WithoutADirectoryThereIsNoCache) {
  CacheDisk cache("");
  const test::Published published = test::publish(test::full_world().catalog, 1);
  EXPECT_TRUE(cache.store(bytes_of(published.manifest), entries_of(published)));
  EXPECT_TRUE(cache.manifest().error().is_missing);
  EXPECT_TRUE(cache.segment(ref_of(published.compiled.fresh[0])).error().is_missing);
}

}  // namespace
}  // namespace apim::snapshot
