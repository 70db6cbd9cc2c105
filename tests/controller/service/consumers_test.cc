// What is promised about applications, subscriptions and their API keys.

#include <gtest/gtest.h>

#include "controller/service/support_office.h"
#include "service/applications.h"
#include "service/keys.h"
#include "service/lifecycle.h"
#include "service/policies.h"
#include "service/subscriptions.h"

namespace apim::service {
namespace {

using testing::admin;
using testing::make_application;
using testing::make_published_api;
using testing::must;
using testing::Office;

const model::Caller kSue = testing::with_roles("sue", {"Internal/subscriber"});
const model::Caller kBob = testing::with_roles("bob", {"Internal/subscriber"});

TEST(Applications, NamesAreUniqueForEachOwner) {
  Office office;
  make_application(office, kSue, "shop");
  model::Application again;
  again.name = "shop";
  EXPECT_EQ(applications::create(office.context(), kSue, again).error().http_status, 409);
  EXPECT_TRUE(applications::create(office.context(), kBob, again).has_value());
}

TEST(Applications, OthersDoNotEvenSeeThem) {
  Office office;
  const std::string shop = make_application(office, kSue, "shop");
  EXPECT_EQ(applications::get(office.context(), kBob, shop).error().http_status, 404);
  EXPECT_EQ(applications::remove(office.context(), kBob, shop).error().http_status, 404);
  EXPECT_EQ(must(applications::list(office.context(), kBob, {})).total, 0U);
  EXPECT_EQ(must(applications::list(office.context(), admin(), {})).total, 1U);
}

TEST(Applications, AnUnknownPolicyIsRefused) {
  Office office;
  model::Application application;
  application.name = "shop";
  application.throttling_policy = "Nothing";
  EXPECT_EQ(applications::create(office.context(), kSue, application).error().http_status, 400);
}

TEST(Applications, AnUpdateKeepsTheOwner) {
  Office office;
  const std::string shop = make_application(office, kSue, "shop");
  model::Application wanted;
  wanted.name = "store";
  wanted.owner = "bob";
  wanted.throttling_policy = "10PerMin";
  const auto updated = must(applications::update(office.context(), kSue, shop, wanted));
  EXPECT_EQ(updated.value.application.owner, "sue");
  EXPECT_EQ(updated.value.application.name, "store");
  EXPECT_EQ(updated.value.application.throttling_policy, "10PerMin");
}

TEST(Subscriptions, TwiceIs409WithWso2sCode) {
  Office office;
  const std::string api = make_published_api(office);
  const std::string shop = make_application(office, kSue, "shop");
  must(subscriptions::create(office.context(), kSue, {{shop, api, "Gold"}}));
  const auto again = subscriptions::create(office.context(), kSue, {{shop, api, "Gold"}});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().http_status, 409);
  EXPECT_EQ(again.error().code, 900336);
}

TEST(Subscriptions, OnlyOfferedPlansAndPublishedApis) {
  Office office;
  const std::string api = make_published_api(office);
  const std::string shop = make_application(office, kSue, "shop");
  const auto not_offered = subscriptions::create(office.context(), kSue, {{shop, api, "Bronze"}});
  ASSERT_FALSE(not_offered.has_value());
  EXPECT_NE(not_offered.error().description.find("Gold"), std::string::npos);
  must(lifecycle::change_state(office.context(), admin(), api, {"Block", false}));
  EXPECT_EQ(
      subscriptions::create(office.context(), kSue, {{shop, api, "Gold"}}).error().http_status,
      400);
}

TEST(Subscriptions, AQuotaThatIsNotCountedInRequestsIsRefused) {
  Office office;
  model::ThrottlePolicy bytes;
  bytes.name = "Bytes";
  bytes.limit = {model::QuotaKind::Bytes, 1 << 20, 1, model::TimeUnit::Minute};
  must(policies::create(office.context(), admin(), bytes));
  auto document = testing::pizza();
  document["policies"] = {"Gold", "Bytes"};
  const std::string api = make_published_api(office, document);
  const std::string shop = make_application(office, kSue, "shop");
  EXPECT_EQ(
      subscriptions::create(office.context(), kSue, {{shop, api, "Bytes"}}).error().http_status,
      400);
}

TEST(Subscriptions, SeveralAreMadeTogetherOrNotAtAll) {
  Office office;
  const std::string api = make_published_api(office);
  const std::string shop = make_application(office, kSue, "shop");
  EXPECT_FALSE(
      subscriptions::create(office.context(), kSue, {{shop, api, "Gold"}, {shop, api, "Gold"}})
          .has_value());
  EXPECT_EQ(must(subscriptions::list_own(office.context(), kSue,
                                         {.api_uuid = "", .application_uuid = shop, .page = {}}))
                .total,
            0U);
}

TEST(Subscriptions, ThePublisherBlocksAndTheOwnerCannotUnblock) {
  Office office;
  const std::string api = make_published_api(office);
  const std::string shop = make_application(office, kSue, "shop");
  const auto made = must(subscriptions::create(office.context(), kSue, {{shop, api, "Gold"}}));
  const std::string uuid = made.value[0].subscription.uuid;
  const auto state = model::SubscriptionState::Blocked;
  EXPECT_EQ(subscriptions::set_state(office.context(), kSue, uuid, state).error().http_status, 403);
  const auto publisher = testing::with_roles("pia", {"Internal/publisher"});
  const auto blocked = must(subscriptions::set_state(office.context(), publisher, uuid, state));
  EXPECT_EQ(blocked.value.subscription.state, state);
  EXPECT_EQ(subscriptions::get(office.context(), kBob, uuid).error().http_status, 404);
}

TEST(Subscriptions, APlanIsChangedToAnotherOfferedOne) {
  Office office;
  const std::string api = make_published_api(office);
  const std::string shop = make_application(office, kSue, "shop");
  const auto made = must(subscriptions::create(office.context(), kSue, {{shop, api, "Gold"}}));
  const std::string uuid = made.value[0].subscription.uuid;
  EXPECT_EQ(must(subscriptions::update(office.context(), kSue, uuid, "Unlimited"))
                .value.subscription.throttling_policy,
            "Unlimited");
  EXPECT_EQ(subscriptions::update(office.context(), kSue, uuid, "Bronze").error().http_status, 400);
  must(subscriptions::remove(office.context(), kSue, uuid));
  EXPECT_EQ(subscriptions::get(office.context(), kSue, uuid).error().http_status, 404);
}

TEST(Keys, AKeyIsShownOnceAndKeptAsDigest) {
  Office office;
  const std::string shop = make_application(office, kSue, "shop");
  const auto issued = must(keys::generate(office.context(), kSue, shop, {.name = "till"}));
  EXPECT_EQ(issued.value.text.size(), 48U);
  EXPECT_TRUE(issued.value.text.starts_with("apim_"));
  EXPECT_EQ(issued.value.key.digest, keys::digest_of(issued.value.text));
  EXPECT_EQ(issued.value.key.expires_s, 0);
  const auto listed = must(keys::list(office.context(), kSue, shop, model::KeyType::Production));
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].name, "till");
}

TEST(Keys, NoTwoKeysAreAlike) {
  Office office;
  const std::string shop = make_application(office, kSue, "shop");
  const auto first = must(keys::generate(office.context(), kSue, shop, {}));
  const auto second = must(keys::generate(office.context(), kSue, shop, {}));
  EXPECT_NE(first.value.text, second.value.text);
}

TEST(Keys, RestrictionsAndValidityAreChecked) {
  Office office;
  const std::string shop = make_application(office, kSue, "shop");
  EXPECT_FALSE(keys::generate(office.context(), kSue, shop, {.valid_s = 0}).has_value());
  EXPECT_FALSE(keys::generate(office.context(), kSue, shop, {.valid_s = -2}).has_value());
  EXPECT_FALSE(
      keys::generate(office.context(), kSue, shop, {.permitted_ips = "10.0.0.300"}).has_value());
  EXPECT_TRUE(
      keys::generate(office.context(), kSue, shop, {.permitted_ips = "10.0.0.0/8, 127.0.0.1"})
          .has_value());
  const auto timed = must(keys::generate(office.context(), kSue, shop, {.valid_s = 60}));
  EXPECT_EQ(timed.value.key.expires_s, timed.value.key.created_ms / 1000 + 60);
}

TEST(Keys, OnlyTheOwnerRevokesByTextOrId) {
  Office office;
  const std::string shop = make_application(office, kSue, "shop");
  const auto issued = must(keys::generate(office.context(), kSue, shop, {}));
  EXPECT_FALSE(keys::revoke(office.context(), kBob, shop, {.text = issued.value.text, .uuid = ""})
                   .has_value());
  const uint64_t before = office.newest_epoch();
  const auto revoked =
      must(keys::revoke(office.context(), kSue, shop, {.text = issued.value.text, .uuid = ""}));
  EXPECT_GT(revoked.epoch, before);
  EXPECT_EQ(keys::revoke(office.context(), kSue, shop, {.text = issued.value.text, .uuid = ""})
                .error()
                .http_status,
            404);
  const auto second = must(keys::generate(office.context(), kSue, shop, {}));
  EXPECT_TRUE(
      keys::revoke(office.context(), kSue, shop, {.text = "", .uuid = second.value.key.uuid})
          .has_value());
}

TEST(Keys, TheTextStandsNeitherInDatabaseNorAuditLog) {
  Office office;
  const std::string shop = make_application(office, kSue, "shop");
  const auto issued = must(keys::generate(office.context(), kSue, shop, {}));
  for (const auto& file : std::filesystem::directory_iterator(office.folder())) {
    if (!file.is_regular_file()) continue;
    std::string content;
    if (std::FILE* in = std::fopen(file.path().c_str(), "rb"); in != nullptr) {
      char chunk[4096];
      for (size_t got = 0; (got = std::fread(chunk, 1, sizeof(chunk), in)) > 0;)
        content.append(chunk, got);
      std::fclose(in);
    }
    EXPECT_EQ(content.find(issued.value.text), std::string::npos) << file.path();
  }
}

}  // namespace
}  // namespace apim::service
