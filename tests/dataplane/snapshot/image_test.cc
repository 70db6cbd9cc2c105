// What an Image promises: it finds what the catalog had and nothing else, in one shard or many.

#include "snapshot/image.h"

#include "compile/synthetic.h"
#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::make_image;

TEST(Image, FindsEverythingOfALargeCatalogInManyShards) {
  const compile::SyntheticSize size{.apis = 200,
                                    .operations_per_api = 6,
                                    .applications = 1500,
                                    .keys = 20'000,
                                    .subscriptions_per_application = 2};
  model::Catalog catalog = compile::synthetic_catalog(size);
  catalog.environment = "Default";
  const auto image = make_image(catalog);
  EXPECT_GT(image->segments().size(), 5U) << "more than one shard of something";
  EXPECT_EQ(image->counts().apis, 200U);
  EXPECT_EQ(image->counts().applications, 1500U);
  EXPECT_EQ(image->counts().keys, 20'000U);
  for (uint32_t id = 1; id <= size.apis; ++id) {
    ASSERT_NE(image->find_api(id), nullptr) << id;
    EXPECT_EQ(image->find_api(id)->id(), id);
  }
  for (uint32_t id = 1; id <= size.applications; ++id)
    ASSERT_EQ(image->find_application(id)->id(), id);
  for (uint32_t n = 0; n < size.keys; ++n) {
    const auto hit = image->find_key(crypto::sha256(std::string_view(compile::synthetic_key(n))));
    ASSERT_NE(hit.entry, nullptr) << n;
    EXPECT_EQ(hit.entry->application(), n % size.applications + 1);
  }
}

TEST(Image, FindsIdsWithGaps) {
  model::Catalog catalog =
      compile::synthetic_catalog({.apis = 2, .applications = 1500, .keys = 1500});
  const auto stays = [](uint32_t id) { return id == 5 || id == 6 || id == 900 || id % 700 == 99; };
  for (uint32_t id = 1; id <= 1500; ++id) {
    if (stays(id)) continue;
    catalog.applications.erase(id);
    catalog.subscriptions.erase(id);
    catalog.keys.erase(id);
  }
  const auto image = make_image(catalog);
  for (uint32_t id = 0; id <= 1600; ++id) {
    const auto* found = image->find_application(id);
    ASSERT_EQ(found != nullptr, stays(id) && id <= 1500) << id;
    if (found != nullptr) {
      EXPECT_EQ(found->id(), id);
    }
  }
  EXPECT_EQ(image->find_application(UINT32_MAX), nullptr);
}

TEST(Image, FindsNothingThatIsNotThere) {
  const auto image = make_image(test::full_world().catalog);
  EXPECT_EQ(image->find_api(0), nullptr);
  EXPECT_EQ(image->find_api(4), nullptr);
  EXPECT_EQ(image->find_api(UINT32_MAX), nullptr);
  EXPECT_EQ(image->find_application(5), nullptr);
  EXPECT_EQ(image->find_policy(4), nullptr);
  EXPECT_EQ(image->find_vhost("nowhere"), nullptr);
  EXPECT_EQ(image->find_vhost(""), nullptr);
  EXPECT_EQ(image->find_key(crypto::sha256(std::string_view("unknown"))).entry, nullptr);
  layout::Digest near = crypto::sha256(std::string_view("key-1"));
  ASSERT_NE(image->find_key(near).entry, nullptr);
  near[31] ^= 1;
  EXPECT_EQ(image->find_key(near).entry, nullptr);
}

TEST(Image, AnEmptyCatalogIsAnImageToo) {
  const auto image = make_image(test::World().catalog);
  EXPECT_EQ(image->counts().apis, 0U);
  EXPECT_EQ(image->find_api(1), nullptr);
  EXPECT_EQ(image->find_vhost("localhost"), nullptr);
  EXPECT_EQ(image->find_key(layout::Digest{}).entry, nullptr);
}

TEST(Image, RestrictionsComeWithTheirKeys) {
  const auto image = make_image(test::full_world().catalog);
  EXPECT_EQ(image->find_key(crypto::sha256(std::string_view("key-1"))).restriction, nullptr);
  const auto hit = image->find_key(crypto::sha256(std::string_view("other-1")));
  ASSERT_NE(hit.restriction, nullptr);
  EXPECT_EQ(hit.restriction->addresses()->size(), 2U);
}

TEST(Image, StandInPoliciesAreFoundByName) {
  test::World world = test::full_world();
  EXPECT_EQ(make_image(world.catalog)->unauthenticated_policy(), nullptr);
  world.add_policy(8, model::PolicyLevel::Subscription, "Unauthenticated", test::per_minute(500));
  world.add_policy(9, model::PolicyLevel::Application, "DefaultSubscriptionless",
                   test::per_minute(5));
  const auto image = make_image(world.catalog);
  ASSERT_NE(image->unauthenticated_policy(), nullptr);
  EXPECT_EQ(image->unauthenticated_policy()->id(), 8U);
  EXPECT_EQ(image->subscriptionless_policy(), nullptr) << "of another level";
}

}  // namespace
}  // namespace apim::snapshot
