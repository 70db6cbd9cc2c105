// What administrators are promised: policies, deny conditions, environments, users, permissions,
// snapshots.

#include <gtest/gtest.h>

#include "controller/service/support_office.h"
#include "service/context.h"
#include "service/denies.h"
#include "service/egress.h"
#include "service/environments.h"
#include "service/permission.h"
#include "service/policies.h"
#include "service/snapshots.h"
#include "service/users.h"

namespace apim::service {
namespace {

using model::PolicyLevel;
using testing::admin;
using testing::must;
using testing::Office;

model::ThrottlePolicy small_policy(PolicyLevel level, const std::string& name) {
  model::ThrottlePolicy policy;
  policy.level = level;
  policy.name = name;
  policy.limit = {model::QuotaKind::Requests, 10, 1, model::TimeUnit::Minute};
  return policy;
}

TEST(Policies, AreMadeChangedAndRemoved) {
  Office office;
  for (const auto level :
       {PolicyLevel::Subscription, PolicyLevel::Application, PolicyLevel::Advanced}) {
    const auto made =
        must(policies::create(office.context(), admin(), small_policy(level, "Tiny")));
    EXPECT_EQ(policies::create(office.context(), admin(), small_policy(level, "Tiny"))
                  .error()
                  .http_status,
              409);
    auto wanted = made.value;
    wanted.limit.count = 20;
    const auto changed = must(policies::update(office.context(), admin(), made.value.uuid, wanted));
    EXPECT_EQ(changed.value.limit.count, 20U);
    EXPECT_EQ(changed.value.id, made.value.id);
    EXPECT_GT(changed.epoch, made.epoch);
    must(policies::remove(office.context(), admin(), level, made.value.uuid));
    EXPECT_EQ(
        policies::get(office.context(), admin(), level, made.value.uuid, permissions::kTierView)
            .error()
            .http_status,
        404);
  }
}

TEST(Policies, ANameThatCannotStandInAUrlIsRefused) {
  Office office;
  for (const char* name : {"", "a b", "a/b", "ü"})
    EXPECT_EQ(policies::create(office.context(), admin(), small_policy(PolicyLevel::Advanced, name))
                  .error()
                  .http_status,
              400)
        << name;
}

TEST(Policies, APolicyInUseIsNotRemoved) {
  Office office;
  testing::make_api(office);
  const auto gold = must(policies::get_by_name(office.context(), admin(), PolicyLevel::Subscription,
                                               "Gold", permissions::kTierView));
  const auto refused =
      policies::remove(office.context(), admin(), PolicyLevel::Subscription, gold.uuid);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 403);
}

TEST(Policies, APolicyInUseStaysEnforceable) {
  Office office;
  testing::make_api(office);
  auto gold = must(policies::get_by_name(office.context(), admin(), PolicyLevel::Subscription,
                                         "Gold", permissions::kTierView));
  gold.limit = {model::QuotaKind::Bytes, 1 << 20, 1, model::TimeUnit::Minute};
  EXPECT_EQ(policies::update(office.context(), admin(), gold.uuid, gold).error().http_status, 400);
}

TEST(Policies, TheStandingOnesAreAlwaysInUse) {
  Office office;
  for (const char* name : {"Unauthenticated", "DefaultSubscriptionless"}) {
    const auto standing = must(policies::get_by_name(
        office.context(), admin(), PolicyLevel::Subscription, name, permissions::kTierView));
    const auto removed =
        policies::remove(office.context(), admin(), PolicyLevel::Subscription, standing.uuid);
    ASSERT_FALSE(removed.has_value()) << name;
    EXPECT_EQ(removed.error().http_status, 403);
    EXPECT_EQ(removed.error().code, 900971);
    EXPECT_NE(removed.error().description.find(name), std::string::npos);

    model::ThrottlePolicy changed = standing;
    changed.limit.kind = model::QuotaKind::Bytes;
    const auto bytes = policies::update(office.context(), admin(), standing.uuid, changed);
    ASSERT_FALSE(bytes.has_value()) << name;
    EXPECT_EQ(bytes.error().http_status, 400);
    EXPECT_EQ(bytes.error().message, "The policy is in use");

    changed = standing;
    changed.limit.count = 7;
    EXPECT_EQ(
        must(policies::update(office.context(), admin(), standing.uuid, changed)).value.limit.count,
        7U);
  }
}

TEST(Policies, AStandingNameOfAnotherLevelIsAPolicyLikeAnyOther) {
  Office office;
  const auto made = must(policies::create(
      office.context(), admin(), small_policy(PolicyLevel::Application, "Unauthenticated")));
  must(policies::remove(office.context(), admin(), PolicyLevel::Application, made.value.uuid));
}

TEST(Denies, AreMadeSwitchedAndRemoved) {
  Office office;
  model::DenyCondition condition;
  condition.kind = model::DenyCondition::Kind::Ip;
  condition.value = "10.1.2.3";
  const auto made = must(denies::create(office.context(), admin(), condition));
  EXPECT_FALSE(
      must(denies::enable(office.context(), admin(), made.value.uuid, false)).value.enabled);
  must(denies::remove(office.context(), admin(), made.value.uuid));
  EXPECT_TRUE(must(denies::list(office.context(), admin())).empty());
}

TEST(Denies, WhatWouldNeverMatchIsRefused) {
  Office office;
  model::DenyCondition condition;
  condition.kind = model::DenyCondition::Kind::Api;
  condition.value = "/nothing/1.0.0";
  EXPECT_EQ(denies::create(office.context(), admin(), condition).error().http_status, 400);
  condition.kind = model::DenyCondition::Kind::Ip;
  condition.value = "not an address";
  EXPECT_EQ(denies::create(office.context(), admin(), condition).error().http_status, 400);
  condition.kind = model::DenyCondition::Kind::Application;
  condition.value = "nobody:nothing";
  EXPECT_EQ(denies::create(office.context(), admin(), condition).error().http_status, 400);
}

TEST(Environments, ANewOneIsANewsForThePublisher) {
  Office office;
  const uint64_t before = office.newest_epoch();
  model::Environment environment;
  environment.name = "Edge";
  environment.vhosts = {"edge.example.com"};
  const auto made = must(environments::create(office.context(), admin(), environment));
  EXPECT_GT(made.epoch, before);
  EXPECT_EQ(environments::create(office.context(), admin(), environment).error().http_status, 409);
  must(environments::remove(office.context(), admin(), made.value.uuid));
}

TEST(Environments, NamesAndHostsAreChecked) {
  Office office;
  model::Environment environment;
  environment.name = "../x";
  environment.vhosts = {"EDGE", "a b"};
  const auto refused = environments::create(office.context(), admin(), environment);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().findings.size(), 3U);
}

TEST(Users, TheFirstAdministratorIsMadeOnce) {
  Office office;
  const auto password = must(users::make_first_admin(office.store(), ""));
  ASSERT_TRUE(password.has_value());
  EXPECT_GE(password->size(), 20U);
  EXPECT_FALSE(must(users::make_first_admin(office.store(), "")).has_value());
}

TEST(Users, AShortPasswordIsRefused) {
  Office office;
  EXPECT_EQ(users::create(office.context(), admin(), "bob", "short", {}).error().http_status, 400);
  EXPECT_EQ(users::create(office.context(), admin(), "b/b", "long enough", {}).error().http_status,
            400);
  EXPECT_FALSE(users::make_first_admin(office.store(), "short").has_value());
}

TEST(Users, RemovingOneselfIsRefused) {
  Office office;
  must(users::make_first_admin(office.store(), ""));
  EXPECT_EQ(users::remove(office.context(), admin(), "admin").error().http_status, 400);
  EXPECT_EQ(users::remove(office.context(), admin(), "nobody").error().http_status, 404);
}

TEST(Permission, NobodyGetsPastAScope) {
  const model::Caller nobody;
  EXPECT_FALSE(permissions::kAnyUser.allows(nobody));
  EXPECT_TRUE(permissions::kAnybody.allows(nobody));
  EXPECT_FALSE(permissions::kApiView.allows(testing::with_roles("eve", {})));
  EXPECT_TRUE(permissions::kApiView.allows(admin()));
  const auto refused = permit(testing::with_roles("eve", {}), permissions::kApiCreate);
  EXPECT_EQ(refused.error().http_status, 403);
  EXPECT_NE(refused.error().description.find("apim:api_create"), std::string::npos);
}

TEST(Snapshots, AnUnknownEnvironmentIs404) {
  Office office;
  EXPECT_EQ(snapshots::list(office.context(), admin(), "Mars").error().http_status, 404);
  EXPECT_EQ(snapshots::gateways(office.context(), admin(), "../..").error().http_status, 404);
  EXPECT_EQ(snapshots::wait(office.context(), admin(), "Mars", 1, 0).error().http_status, 404);
}

TEST(Snapshots, WhatIsPublishedIsListedReadAndVerified) {
  Office office;
  office.publisher().start();
  testing::make_api(office);
  const uint64_t epoch = office.newest_epoch();
  ASSERT_TRUE(office.publisher().wait_published(epoch, 10'000));
  const auto all = must(snapshots::list(office.context(), admin(), "Default"));
  ASSERT_FALSE(all.empty());
  EXPECT_TRUE(all.front().is_current);
  EXPECT_TRUE(
      must(snapshots::verify(office.context(), admin(), "Default", all.front().epoch)).empty());
  EXPECT_TRUE(
      must(snapshots::dump(office.context(), admin(), "Default", all.front().epoch)).is_object());
  EXPECT_EQ(snapshots::get(office.context(), admin(), "Default", 999'999).error().http_status, 404);
  const uint64_t fresh =
      must(snapshots::rollback(office.context(), admin(), "Default", all.front().epoch));
  EXPECT_GT(fresh, all.front().epoch);
}

TEST(Snapshots, WaitingWithoutGatewaysEndsAtTheTimeout) {
  Office office;
  const auto arrival = must(snapshots::wait(office.context(), admin(), "Default", 1, 30));
  EXPECT_FALSE(arrival.reached);
  EXPECT_EQ(arrival.total, 0U);
}

TEST(Egress, EverySpellingOfMetadataAddressesIsKnown) {
  for (const char* url : {"http://169.254.169.254/", "http://169.254.1.1:80", "https://[fe80::1]/",
                          "http://[fd00:ec2::254]/", "http://0xa9fea9fe/", "http://2852039166/",
                          "http://0251.0376.0251.0376/", "http://[::ffff:169.254.169.254]/",
                          "http://[64:ff9b::a9fe:a9fe]/", "http://metadata.google.internal/",
                          "http://METADATA.google.internal./", "http://user@169.254.169.254/"}) {
    EXPECT_TRUE(is_metadata_address(url)) << url;
  }
  for (const char* url : {"http://127.0.0.1/", "https://example.com/169.254.169.254",
                          "http://[2001:db8::1]/", "http://10.0.0.1"})
    EXPECT_FALSE(is_metadata_address(url)) << url;
}

}  // namespace
}  // namespace apim::service
