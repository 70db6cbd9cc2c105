// What an import promises: all of the project, or nothing.

#include "service/imports.h"

#include <gtest/gtest.h>

#include "controller/service/support_office.h"
#include "service/apis.h"
#include "service/revisions.h"

namespace apim::service {
namespace {

using testing::admin;
using testing::must;
using testing::Office;
using testing::pizza;
using testing::project_of;

nlohmann::json published_pizza() {
  auto document = pizza();
  document["lifeCycleStatus"] = "PUBLISHED";
  return document;
}

uint64_t count_apis(Office& office) {
  return must(apis::list(office.context(), admin(), {})).total;
}

TEST(Imports, AProjectBecomesAPublishedDeployedApi) {
  Office office;
  const auto imported =
      must(imports::import_project(office.context(), admin(), project_of(published_pizza()), {}));
  EXPECT_TRUE(imported.value.created);
  ASSERT_TRUE(imported.value.revision.has_value());
  EXPECT_EQ(imported.value.revision->number, 1U);
  EXPECT_EQ(imported.value.deployments.size(), 1U);
  EXPECT_EQ(imported.epoch, office.newest_epoch());
  EXPECT_EQ(must(apis::get(office.context(), admin(), imported.value.api.uuid)).lifecycle,
            model::Lifecycle::Published);
}

TEST(Imports, ASecondImportNeedsOverwrite) {
  Office office;
  must(imports::import_project(office.context(), admin(), project_of(published_pizza()), {}));
  const auto refused =
      imports::import_project(office.context(), admin(), project_of(published_pizza()), {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 409);
  const auto updated = must(imports::import_project(
      office.context(), admin(), project_of(published_pizza()), {.overwrite = true}));
  EXPECT_FALSE(updated.value.created);
  EXPECT_EQ(updated.value.revision->number, 2U);
  EXPECT_EQ(count_apis(office), 1U);
}

TEST(Imports, NothingStaysOfAnImportThatFailsAtItsLastStep) {
  Office office;
  const uint64_t before = office.newest_epoch();
  const auto refused =
      imports::import_project(office.context(), admin(), project_of(published_pizza(), "Mars"), {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, 900506);
  EXPECT_EQ(count_apis(office), 0U);
  EXPECT_EQ(office.newest_epoch(), before);
  EXPECT_TRUE(office.audited().empty());
}

TEST(Imports, ADryRunTellsEverythingAndKeepsNothing) {
  Office office;
  const auto tried = must(imports::import_project(
      office.context(), admin(), project_of(published_pizza()), {.dry_run = true}));
  EXPECT_TRUE(tried.value.created);
  EXPECT_EQ(tried.value.revision->number, 1U);
  EXPECT_EQ(count_apis(office), 0U);
  EXPECT_FALSE(imports::import_project(office.context(), admin(),
                                       project_of(published_pizza(), "Mars"), {.dry_run = true})
                   .has_value());
}

TEST(Imports, AtTheLimitTheOldestRevisionMakesRoomOnlyWhenAsked) {
  Office office;
  for (int i = 0; i < 5; ++i)
    must(imports::import_project(office.context(), admin(), project_of(published_pizza()),
                                 {.overwrite = true}));
  const auto refused = imports::import_project(office.context(), admin(),
                                               project_of(published_pizza()), {.overwrite = true});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, 900351);
  const auto rotated =
      must(imports::import_project(office.context(), admin(), project_of(published_pizza()),
                                   {.overwrite = true, .rotate_revision = true}));
  EXPECT_EQ(rotated.value.revision->number, 6U);
  const auto kept = must(revisions::list(office.context(), admin(), rotated.value.api.uuid));
  EXPECT_EQ(kept.size(), 5U);
  EXPECT_EQ(kept.front().revision.number, 2U);
}

TEST(Imports, WithoutDeploymentsOnlyTheWorkingCopyChanges) {
  Office office;
  const auto imported = must(
      imports::import_project(office.context(), admin(), project_of(published_pizza(), ""), {}));
  EXPECT_FALSE(imported.value.revision.has_value());
  EXPECT_TRUE(must(revisions::list(office.context(), admin(), imported.value.api.uuid)).empty());
}

TEST(Imports, TheProviderStaysUnlessToldOtherwise) {
  Office office;
  auto document = published_pizza();
  document["provider"] = "ana";
  EXPECT_EQ(must(imports::import_project(office.context(), admin(), project_of(document), {}))
                .value.api.provider,
            "ana");
  document["version"] = "2.0.0";
  const auto other = imports::import_project(office.context(), admin(), project_of(document),
                                             {.preserve_provider = false});
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().http_status, 409);
  document["name"] = "calzone";
  document["context"] = "/calzone";
  document["provider"] = "ana@foo.com";
  EXPECT_EQ(imports::import_project(office.context(), admin(), project_of(document), {})
                .error()
                .http_status,
            403);
  EXPECT_EQ(must(imports::import_project(office.context(), admin(), project_of(document),
                                         {.preserve_provider = false}))
                .value.api.provider,
            "admin");
}

TEST(Imports, TheStateIsWalkedToWhateverTheProjectSays) {
  for (const char* state : {"CREATED", "PROTOTYPED", "PUBLISHED", "BLOCKED", "DEPRECATED"}) {
    SCOPED_TRACE(state);
    Office office;
    auto document = pizza();
    document["lifeCycleStatus"] = state;
    const auto imported =
        imports::import_project(office.context(), admin(), project_of(document), {});
    ASSERT_TRUE(imported.has_value()) << imported.error().description;
    EXPECT_EQ(imported->value.deployments.size(), 1U);
  }
  Office office;
  auto document = pizza();
  document["lifeCycleStatus"] = "RETIRED";
  const auto retired =
      must(imports::import_project(office.context(), admin(), project_of(document), {}));
  EXPECT_EQ(retired.value.api.lifecycle, model::Lifecycle::Retired);
  EXPECT_TRUE(retired.value.deployments.empty());
}

TEST(Imports, OnlyWhoMayImportDoes) {
  Office office;
  const auto creator = testing::with_roles("carl", {"Internal/creator"});
  EXPECT_EQ(imports::import_project(office.context(), creator, project_of(pizza()), {})
                .error()
                .http_status,
            403);
  const auto devops = testing::with_roles("dora", {"Internal/devops"});
  EXPECT_TRUE(
      imports::import_project(office.context(), devops, project_of(pizza()), {}).has_value());
}

}  // namespace
}  // namespace apim::service
