// What the builder promises: only what changed is asked for, and unchanged segments are shared, not
// copied.

#include "snapshot/image_builder.h"

#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::full_world;
using test::load;
using test::publish;
using test::signing_key;
using test::to_bytes;

std::vector<SegmentRef> missing_after(const model::Catalog& before, const model::Catalog& after) {
  const auto image = test::make_image(before, 1);
  auto manifest =
      check_manifest(to_bytes(publish(after, 2).manifest), signing_key().public_key, "Default");
  return ImageBuilder(std::move(*manifest), image).missing();
}

TEST(ImageBuilder, AsksForChangedSegmentsOnly) {
  test::World world = full_world();
  const model::Catalog before = world.catalog;
  EXPECT_TRUE(missing_after(before, before).empty());
  world.add_key(1, "new-key");
  const auto missing = missing_after(before, world.catalog);
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].kind, layout::Kind::Keys);
}

TEST(ImageBuilder, SharesUnchangedSegmentsWithTheImageBefore) {
  test::World world = full_world();
  const auto before = load(publish(world.catalog, 1));
  ASSERT_TRUE(before);
  world.add_key(1, "new-key");
  const auto after = load(publish(world.catalog, 2), *before);
  ASSERT_TRUE(after) << after.error().reason;
  EXPECT_EQ((*before)->find_api(1), (*after)->find_api(1));
  EXPECT_EQ((*before)->find_application(1), (*after)->find_application(1));
  EXPECT_NE((*after)->find_key(crypto::sha256(std::string_view("new-key"))).entry, nullptr);
}

TEST(ImageBuilder, AnImageOutlivesTheOneItSharesWith) {
  test::World world = full_world();
  auto before = load(publish(world.catalog, 1));
  world.add_key(1, "new-key");
  const auto after = load(publish(world.catalog, 2), *before);
  before->reset();
  EXPECT_EQ((*after)->find_api(1)->name()->string_view(), "api1");
}

TEST(ImageBuilder, KnowsItsSegmentsFiles) {
  const test::Published published = publish(full_world().catalog, 1);
  const auto image = load(published);
  for (const compile::SegmentFile& file : published.compiled.fresh) {
    const auto held = ImageBuilder::file_of(**image, file.ref.digest);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(held.data()), held.size()),
              file.bytes);
  }
  EXPECT_TRUE(ImageBuilder::file_of(**image, layout::Digest{}).empty());
}

}  // namespace
}  // namespace apim::snapshot
