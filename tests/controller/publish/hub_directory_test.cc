#include "publish/hub_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "controller/publish/support_world.h"
#include "publish/edition.h"

namespace apim::publish {
namespace {

using support::must;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HubDirectoryTest : public testing::Test {
 protected:
  // A snapshot whose only policy has that limit, put under that epoch.
  compile::Manifest put(uint64_t epoch, uint64_t limit) {
    model::Catalog catalog;
    catalog.policies[1].id = 1;
    catalog.policies[1].name = "one";
    catalog.policies[1].limit.count = limit;
    const compile::Compiled compiled = compile::compile(catalog, {});
    const compile::Manifest manifest{.environment = "Default",
                                     .epoch = epoch,
                                     .created_ms = 1,
                                     .rollback_of = 0,
                                     .key_id = {},
                                     .content = compiled.content};
    must(put_bytes("Default", epoch, compile::write_manifest(manifest, support::signing_key()),
                   compiled.fresh));
    return manifest;
  }

  Result<void> put_bytes(const std::string& environment, uint64_t epoch,
                         const std::string& manifest,
                         std::span<const compile::SegmentFile> segments = {}) {
    return hub_->publish(
        {.environment = environment, .epoch = epoch, .segments = segments, .manifest = manifest});
  }

  size_t files_in(const std::string& part) const {
    size_t count = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_.path("hub/" + part))) {
      if (entry.is_regular_file() && entry.path().filename() != ".lock") ++count;
    }
    return count;
  }

  std::string text_of(const std::string& name) const {
    std::ifstream file(folder_.path("hub/" + name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  support::TemporaryFolder folder_;
  std::unique_ptr<Hub> hub_ = support::open_hub(folder_);
};

TEST_F(HubDirectoryTest, TheLayoutIsAsDocumented) {
  const compile::Manifest manifest = put(7, 1);
  EXPECT_EQ(text_of("manifests/Default/CURRENT"), "00000000000000000007.manifest\n");
  EXPECT_EQ(text_of("manifests/Default/00000000000000000007.manifest"),
            must(hub_->current_manifest("Default")));
  const std::string hex = compile::to_hex(manifest.content.segments[0].digest);
  EXPECT_EQ(text_of("segments/" + hex.substr(0, 2) + "/" + hex + ".seg"),
            must(hub_->get_segment(manifest.content.segments[0].digest)));
}

TEST_F(HubDirectoryTest, NothingIsThereBeforeTheFirst) {
  EXPECT_EQ(must(hub_->current_manifest("Default")), "");
  EXPECT_THAT(must(hub_->epochs("Default")), IsEmpty());
  EXPECT_EQ(must(hub_->get_segment({})), "");
  EXPECT_EQ(hub_->get_manifest("Default", 1).error().http_status, 404);
}

TEST_F(HubDirectoryTest, AnEpochNeverGoesBack) {
  put(7, 1);
  for (const uint64_t epoch : {7U, 6U}) {
    const auto refused = put_bytes("Default", epoch, "x");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().http_status, 409);
    EXPECT_THAT(refused.error().description, HasSubstr("is at epoch 7"));
  }
  EXPECT_EQ(support::current(*hub_).epoch, 7U);
}

TEST_F(HubDirectoryTest, AManifestBeyondTheCurrentOneIsNotThereYet) {
  put(7, 1);
  std::ofstream(folder_.path("hub/manifests/Default/00000000000000000008.manifest")) << "torn";
  EXPECT_THAT(must(hub_->epochs("Default")), ElementsAre(7));
  EXPECT_EQ(hub_->get_manifest("Default", 8).error().http_status, 404);
  put(8, 2);
  EXPECT_EQ(support::current(*hub_).epoch, 8U);
}

TEST_F(HubDirectoryTest, OldManifestsAndTheirSegmentsAreCollected) {
  for (uint64_t epoch = 1; epoch <= 5; ++epoch) put(epoch, epoch);
  EXPECT_EQ(files_in("segments"), 4U + 5U);
  must(hub_->collect(2, 0));
  EXPECT_THAT(must(hub_->epochs("Default")), ElementsAre(5, 4));
  EXPECT_EQ(files_in("segments"), 4U + 2U);
  support::current(*hub_);
}

TEST_F(HubDirectoryTest, ASegmentWhoseManifestMayComeIsLeft) {
  for (uint64_t epoch = 1; epoch <= 3; ++epoch) put(epoch, epoch);
  must(hub_->collect(1, 60'000));
  EXPECT_EQ(files_in("segments"), 4U + 3U);
}

TEST_F(HubDirectoryTest, WhatACrashLeftIsCollected) {
  put(7, 1);
  std::ofstream(folder_.path("hub/manifests/Default/CURRENT.1.2.tmp")) << "x";
  std::ofstream(folder_.path("hub/manifests/Default/00000000000000000008.manifest")) << "torn";
  std::ofstream(folder_.path("hub/segments/half.tmp")) << "x";
  std::filesystem::create_directory(folder_.path("hub/segments/ab"));
  std::ofstream(folder_.path("hub/segments/ab/half.seg.1.2.tmp")) << "x";
  must(hub_->collect(10, 0));
  EXPECT_EQ(files_in("manifests"), 2U);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("hub/segments/ab/half.seg.1.2.tmp")));
}

TEST_F(HubDirectoryTest, AnOldManifestThatIsDamagedGoes) {
  for (uint64_t epoch = 1; epoch <= 4; ++epoch) put(epoch, epoch);
  std::ofstream(folder_.path("hub/manifests/Default/00000000000000000003.manifest")) << "torn";
  must(hub_->collect(3, 0));
  EXPECT_THAT(must(hub_->epochs("Default")), ElementsAre(4, 2));
  EXPECT_EQ(files_in("segments"), 4U + 2U);
  support::current(*hub_);
}

TEST_F(HubDirectoryTest, OthersMayReadWhateverTheUmask) {
  const mode_t before = ::umask(077);
  put(7, 1);
  ::umask(before);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path("hub"))) {
    if (entry.path().filename() == ".lock") continue;
    const auto others = static_cast<unsigned>(entry.status().permissions()) & 07U;
    EXPECT_EQ(others, entry.is_directory() ? 05U : 04U) << entry.path();
  }
}

TEST_F(HubDirectoryTest, NothingIsCollectedWhileTheCurrentManifestIsDamaged) {
  for (uint64_t epoch = 1; epoch <= 3; ++epoch) put(epoch, epoch);
  std::ofstream(folder_.path("hub/manifests/Default/00000000000000000003.manifest")) << "torn";
  EXPECT_FALSE(hub_->collect(2, 0).has_value());
  EXPECT_EQ(files_in("segments"), 4U + 3U);
}

TEST_F(HubDirectoryTest, ASegmentCutShortIsWrittenAgain) {
  const compile::Manifest manifest = put(7, 1);
  const std::string hex = compile::to_hex(manifest.content.segments[0].digest);
  std::filesystem::resize_file(
      folder_.path("hub/segments/" + hex.substr(0, 2) + "/" + hex + ".seg"), 3);
  put(8, 1);
  support::current(*hub_);
}

TEST_F(HubDirectoryTest, ManySegmentsAtOnceAreAllThere) {
  model::Catalog catalog;
  for (uint32_t id = 1; id <= 40'000; ++id) {
    catalog.applications[id].id = id;
    catalog.applications[id].name = std::to_string(id);
  }
  const compile::Compiled compiled = compile::compile(catalog, {});
  ASSERT_GT(compiled.fresh.size(), 64U);
  must(hub_->put_segments(compiled.fresh));
  EXPECT_THAT(compile::verify_segments(compiled.content, support::reader(*hub_)), IsEmpty());
}

TEST_F(HubDirectoryTest, AnEnvironmentsNameCannotLeadElsewhere) {
  for (const char* bad : {"", ".", "..", "a/b", "../x", ".hidden", "a\nb"}) {
    EXPECT_FALSE(put_bytes(bad, 1, "x").has_value()) << bad;
  }
  EXPECT_TRUE(put_bytes("Production and Sandbox", 1, "x").has_value());
}

TEST_F(HubDirectoryTest, OneAtATimeMayClaim) {
  const auto other = support::open_hub(folder_);
  EXPECT_TRUE(hub_->try_claim());
  EXPECT_TRUE(hub_->try_claim());
  EXPECT_FALSE(other->try_claim());
  EXPECT_EQ(hub_->claimant(), other->claimant());
  hub_->release_claim();
  EXPECT_TRUE(other->try_claim());
}

TEST_F(HubDirectoryTest, GatewayStatesAreTheJsonFiles) {
  put(7, 1);
  std::ofstream(folder_.path("hub/gateways/Default/one.json")) << "{}";
  std::ofstream(folder_.path("hub/gateways/Default/two.json.tmp")) << "{";
  EXPECT_THAT(hub_->gateway_states("Default"), ElementsAre("{}"));
  EXPECT_THAT(hub_->gateway_states("Nowhere"), IsEmpty());
}

}  // namespace
}  // namespace apim::publish
