#include "publish/publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "controller/publish/support_world.h"
#include "publish/leadership.h"

namespace apim::publish {
namespace {

using support::current;
using support::denied;
using support::must;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class PublisherTest : public testing::Test {
 protected:
  void open() {
    store_ = support::open_store(folder_);
    hub_ = support::open_hub(folder_);
    publisher_ = std::make_unique<Publisher>(store_->apim(), *hub_, support::signing_key(),
                                             support::quick_settings());
    publisher_->start();
    settle();
  }

  void close() {
    publisher_.reset();
    hub_.reset();
    store_.reset();
  }

  // Until the database's newest state is published.
  void settle() { ASSERT_TRUE(publisher_->wait_published(newest(), kLongMs)); }

  void change(const std::string& address) {
    const uint64_t epoch = support::deny(*store_, address);
    publisher_->wake();
    ASSERT_TRUE(publisher_->wait_published(epoch, kLongMs));
  }

  uint64_t newest() { return support::newest_epoch(*store_); }

  support::TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<Publisher> publisher_;
};

TEST_F(PublisherTest, TheFirstStartPublishesWhatThereIs) {
  open();
  EXPECT_GE(current(*hub_).epoch, 1U);
  EXPECT_EQ(current(*hub_).content, support::expected(*store_));
}

TEST_F(PublisherTest, AChangeIsPublishedUnderItsEpoch) {
  open();
  const uint64_t epoch = support::deploy(*store_, "pizza");
  publisher_->wake();
  ASSERT_TRUE(publisher_->wait_published(epoch, kLongMs));
  EXPECT_EQ(current(*hub_).epoch, epoch);
  EXPECT_EQ(current(*hub_).content, support::expected(*store_));
  EXPECT_EQ(publisher_->published(), epoch);
}

TEST_F(PublisherTest, AChangeNobodyMentionsIsFoundByThePoll) {
  open();
  const uint64_t epoch = support::deny(*store_, "10.0.0.1");
  ASSERT_TRUE(publisher_->wait_published(epoch, kLongMs));
  EXPECT_EQ(denied(*hub_), nlohmann::json({"10.0.0.1"}));
}

TEST_F(PublisherTest, OnlyTheChangedSegmentIsNew) {
  open();
  change("10.0.0.1");
  const compile::Content before = current(*hub_).content;
  change("10.0.0.2");
  const compile::Content after = current(*hub_).content;
  size_t changed = 0;
  for (size_t i = 0; i < after.segments.size(); ++i) {
    changed += after.segments[i] == before.segments[i] ? 0 : 1;
  }
  EXPECT_EQ(changed, 1U);
}

TEST_F(PublisherTest, EveryEnvironmentCarriesTheNewestEpoch) {
  open();
  support::add_environment(*store_, "Europe");
  change("10.0.0.1");
  EXPECT_EQ(current(*hub_, "Default").epoch, newest());
  EXPECT_EQ(current(*hub_, "Europe").epoch, newest());
  EXPECT_EQ(current(*hub_, "Europe").environment, "Europe");
}

TEST_F(PublisherTest, ARestartWithoutAChangePublishesNothing) {
  open();
  change("10.0.0.1");
  const compile::Manifest before = current(*hub_);
  close();
  open();
  EXPECT_EQ(current(*hub_).epoch, before.epoch);
  EXPECT_EQ(current(*hub_).created_ms, before.created_ms);
  change("10.0.0.2");
  EXPECT_EQ(denied(*hub_), nlohmann::json({"10.0.0.1 - 10.0.0.2"}));
}

TEST_F(PublisherTest, ARestartPublishesWhatWasCommittedMeanwhile) {
  open();
  close();
  store_ = support::open_store(folder_);
  support::deny(*store_, "10.0.0.9");
  store_.reset();
  open();
  EXPECT_EQ(denied(*hub_), nlohmann::json({"10.0.0.9"}));
}

TEST_F(PublisherTest, ARestartPutsBackASegmentThatIsGone) {
  open();
  change("10.0.0.1");
  const std::string digest = compile::to_hex(current(*hub_).content.segments[0].digest);
  close();
  std::filesystem::remove(
      folder_.path("hub/segments/" + digest.substr(0, 2) + "/" + digest + ".seg"));
  open();
  current(*hub_);  // Checks every segment.
}

TEST_F(PublisherTest, AHubSignedByAnotherKeyIsPublishedAgain) {
  open();
  change("10.0.0.1");
  close();
  store_ = support::open_store(folder_);
  hub_ = support::open_hub(folder_);
  std::array<uint8_t, 32> seed{};
  const compile::SigningKey other = compile::signing_key_from_seed(seed);
  Publisher publisher(store_->apim(), *hub_, other, support::quick_settings());
  publisher.start();
  ASSERT_TRUE(publisher.wait_published(newest(), kLongMs));
  const std::string file = must(hub_->current_manifest("Default"));
  EXPECT_TRUE(compile::read_manifest(file, other.public_key).has_value());
}

// ---- rollback

TEST_F(PublisherTest, ARollbackIsOldContentUnderANewEpoch) {
  open();
  change("10.0.0.1");
  const uint64_t old = newest();
  change("10.0.0.2");
  const uint64_t epoch = must(publisher_->rollback("Default", old));
  EXPECT_GT(epoch, old + 1);
  EXPECT_EQ(current(*hub_).epoch, epoch);
  EXPECT_EQ(current(*hub_).rollback_of, old);
  EXPECT_EQ(denied(*hub_), nlohmann::json({"10.0.0.1"}));
}

TEST_F(PublisherTest, ARollbackHoldsUntilTheNextChange) {
  open();
  change("10.0.0.1");
  const uint64_t old = newest();
  change("10.0.0.3");
  const uint64_t epoch = must(publisher_->rollback("Default", old));
  close();
  open();
  EXPECT_EQ(current(*hub_).epoch, epoch);
  EXPECT_EQ(denied(*hub_), nlohmann::json({"10.0.0.1"}));
  change("10.0.0.5");
  EXPECT_EQ(denied(*hub_), nlohmann::json({"10.0.0.1", "10.0.0.3", "10.0.0.5"}));
  EXPECT_EQ(current(*hub_).rollback_of, 0U);
  EXPECT_GT(current(*hub_).epoch, epoch);
}

TEST_F(PublisherTest, ARollbackOfARollbackNamesTheFirst) {
  open();
  change("10.0.0.1");
  const uint64_t old = newest();
  change("10.0.0.2");
  const uint64_t first = must(publisher_->rollback("Default", old));
  must(publisher_->rollback("Default", first));
  EXPECT_EQ(current(*hub_).rollback_of, old);
}

TEST_F(PublisherTest, ARollbackToWhatIsNotKeptIsRefused) {
  open();
  EXPECT_EQ(publisher_->rollback("Default", 999'999).error().http_status, 404);
  EXPECT_EQ(publisher_->rollback("Nowhere", 1).error().http_status, 404);
}

TEST_F(PublisherTest, PublicationsAreListedNewestFirst) {
  open();
  change("10.0.0.1");
  const uint64_t old = newest();
  change("10.0.0.2");
  const uint64_t epoch = must(publisher_->rollback("Default", old));
  const std::vector<Publication> list = must(publisher_->publications("Default"));
  ASSERT_GE(list.size(), 3U);
  EXPECT_EQ(list[0].epoch, epoch);
  EXPECT_TRUE(list[0].is_current);
  EXPECT_EQ(list[0].rollback_of, old);
  EXPECT_EQ(list[1].epoch, old + 1);
  EXPECT_FALSE(list[1].is_current);
  EXPECT_EQ(list[0].segments, 5U);
  EXPECT_GT(list[0].bytes, 5U * 64);
}

// ---- who publishes

TEST_F(PublisherTest, ASecondControllerFollowsAndTakesOver) {
  open();
  const auto other_hub = support::open_hub(folder_);
  Publisher other(store_->apim(), *other_hub, support::signing_key(), support::quick_settings());
  other.start();
  change("10.0.0.1");
  EXPECT_TRUE(other.wait_published(newest(), kLongMs));  // By looking at the hub.
  EXPECT_EQ(other.rollback("Default", newest()).error().http_status, 503);
  publisher_->stop();
  const uint64_t epoch = support::deny(*store_, "10.0.0.2");
  EXPECT_TRUE(other.wait_published(epoch, kLongMs));
  EXPECT_EQ(current(*hub_).epoch, epoch);
}

TEST_F(PublisherTest, WaitingForWhatIsNotCommittedEnds) {
  open();
  EXPECT_FALSE(publisher_->wait_published(newest() + 1'000, 1));
}

TEST_F(PublisherTest, AHubThatFailsIsTriedAgain) {
  open();
  const std::string current_file = folder_.path("hub/manifests/Default/CURRENT");
  std::ofstream(current_file) << "nonsense\n";
  const uint64_t epoch = support::deny(*store_, "10.0.0.1");
  publisher_->wake();
  EXPECT_FALSE(publisher_->wait_published(epoch, 200));
  std::filesystem::remove(current_file);
  EXPECT_TRUE(publisher_->wait_published(epoch, kLongMs));
  EXPECT_EQ(denied(*hub_), nlohmann::json({"10.0.0.1"}));
}

TEST_F(PublisherTest, WhatWasLeftOutIsReported) {
  open();
  change("nonsense");
  EXPECT_THAT(compile::to_text(publisher_->reports().at("Default")),
              HasSubstr("'nonsense' is not an IP address"));
}

// ---- leadership on its own

TEST_F(PublisherTest, TheLeaseIsRenewedAndGivenBack) {
  store_ = support::open_store(folder_);
  hub_ = support::open_hub(folder_);
  const auto other_hub = support::open_hub(folder_);
  Leadership one(store_->apim(), *hub_);
  Leadership two(store_->apim(), *other_hub);
  EXPECT_EQ(must(one.ask()), Leadership::Role::NewLeader);
  EXPECT_EQ(must(one.ask()), Leadership::Role::Leader);
  EXPECT_EQ(must(two.ask()), Leadership::Role::Follower);
  one.resign();
  EXPECT_EQ(must(two.ask()), Leadership::Role::NewLeader);
}

}  // namespace
}  // namespace apim::publish
