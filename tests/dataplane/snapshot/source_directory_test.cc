// What the directory source promises: it reads only what belongs to it, and wakes up when something
// is published.

#include "snapshot/source_directory.h"

#include <chrono>
#include <thread>

#include "support_hub.h"

namespace apim::snapshot {
namespace {

constexpr uint32_t kLongMs = 60'000;

class SourceDirectoryTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  test::Hub hub_{folder_.path()};
  std::unique_ptr<Source> source_ = open_source_directory(folder_.path(), "Default");
};

TEST_F(SourceDirectoryTest, NamesNothingUntilSomethingIsPublished) {
  EXPECT_EQ(source_->current()->has_value(), false);
  hub_.put(test::full_world().catalog, 3);
  EXPECT_EQ(**source_->current(), "00000000000000000003.manifest");
}

TEST_F(SourceDirectoryTest, ReadsManifestsAndSegments) {
  const test::Published published = hub_.put(test::full_world().catalog, 3);
  EXPECT_EQ(source_->manifest("00000000000000000003.manifest")->size(), published.manifest.size());
  const compile::SegmentRef& ref = published.compiled.content.segments[0];
  const SegmentRef wanted{
      .kind = ref.kind, .shard = 0, .shard_bits = 0, .bytes = ref.bytes, .digest = ref.digest};
  EXPECT_EQ(source_->segment(wanted)->size(), ref.bytes);
  SegmentRef smaller = wanted;
  smaller.bytes = 10;
  EXPECT_FALSE(source_->segment(smaller)) << "never more than the manifest promises";
}

TEST_F(SourceDirectoryTest, ACurrentThatLeadsElsewhereIsRefused) {
  for (const auto* text :
       {"../../../etc/passwd", "", "1.manifest\n", "0000000000000000000a.manifest\n",
        "00000000000000000003.manifest\n\n", "/0000000000000000003.manifest"}) {
    test::write_file(folder_ / "manifests/Default/CURRENT", text);
    EXPECT_FALSE(source_->current()) << text;
  }
}

TEST_F(SourceDirectoryTest, AWaitEndsWhenSomethingIsPublished) {
  std::filesystem::create_directories(folder_ / "manifests/Default");
  source_->wait(0);  // From here on the folder is watched.
  std::thread publisher([&] { hub_.put(test::full_world().catalog, 3); });
  while (!source_->current()->has_value()) source_->wait(kLongMs);
  publisher.join();
  EXPECT_EQ(**source_->current(), "00000000000000000003.manifest");
}

TEST_F(SourceDirectoryTest, AFolderThatIsReplacedIsWatchedAgain) {
  hub_.put(test::full_world().catalog, 3);
  source_->wait(0);
  std::filesystem::remove_all(folder_ / "manifests");
  source_->wait(kLongMs);
  EXPECT_FALSE(source_->current()->has_value());
  hub_.put(test::full_world().catalog, 4);
  source_->wait(0);
  std::thread publisher([&] { hub_.put(test::full_world().catalog, 5); });
  while (**source_->current() != "00000000000000000005.manifest") source_->wait(kLongMs);
  publisher.join();
}

TEST_F(SourceDirectoryTest, AWaitCanBeInterruptedBeforeAndWhileItLasts) {
  source_->interrupt();
  source_->wait(kLongMs);
  std::thread other([&] { source_->interrupt(); });
  source_->wait(kLongMs);
  other.join();
}

TEST_F(SourceDirectoryTest, ReportsAreWrittenAndReplaced) {
  ASSERT_TRUE(source_->report("gw", "one"));
  ASSERT_TRUE(source_->report("gw", "two"));
  EXPECT_EQ(test::read_text(folder_ / "gateways/Default/gw.json"), "two");
}

}  // namespace
}  // namespace apim::snapshot
