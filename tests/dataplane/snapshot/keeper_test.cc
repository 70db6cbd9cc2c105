// What the keeper promises: new snapshots live, bad ones refused with a reason while the old one
// serves, a start without the hub, and a report that tells the truth.

#include "snapshot/keeper.h"

#include <sodium.h>
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::full_world;
using test::Hub;
using test::TemporaryFolder;

constexpr auto kPatience = std::chrono::seconds(20);

// Waits for a condition, not for a time.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

std::string public_key_text(const compile::PublicKey& key) {
  std::array<char, 64> text;
  sodium_bin2base64(text.data(), text.size(), key.data(), key.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  return std::string(text.data()) + "\n";
}

class KeeperTest : public ::testing::Test {
 protected:
  KeeperTest() : hub_(folder_ / "hub") {
    test::write_file(folder_ / "snapshot.pub", public_key_text(test::signing_key().public_key));
  }

  KeeperSettings settings() const {
    return {.hub = "directory:" + hub_.path(),
            .public_key_file = folder_ / "snapshot.pub",
            .cache_dir = folder_ / "cache",
            .environment = "Default",
            .gateway_id = "gw-1",
            .host_name = "host",
            .version = "1.2.3",
            .worker_count = 1,
            .poll_ms = 20};
  }

  // A started keeper whose single worker adopts at once.
  std::unique_ptr<Keeper> start(KeeperSettings settings) {
    auto keeper = Keeper::open(std::move(settings), [this](std::shared_ptr<const Image> image) {
      Keeper* self;
      {
        const std::lock_guard guard(mutex_);
        epochs_.push_back(image->epoch());
        self = keeper_;
      }
      if (adopts_ && self != nullptr) self->adopted(image->epoch());
    });
    EXPECT_TRUE(keeper) << keeper.error();
    keeper_ = keeper->get();
    (*keeper)->start();
    return std::move(*keeper);
  }
  std::unique_ptr<Keeper> start() { return start(settings()); }

  std::vector<uint64_t> epochs() {
    const std::lock_guard guard(mutex_);
    return epochs_;
  }
  nlohmann::json report() const {
    return nlohmann::json::parse(test::read_text(hub_.path() + "/gateways/Default/gw-1.json"),
                                 nullptr, false);
  }
  static bool refused(Keeper& keeper, const std::string& word) {
    return eventually(
        [&] { return keeper.state().refused_reason.find(word) != std::string::npos; });
  }
  static bool serves(Keeper& keeper, uint64_t epoch) {
    return eventually([&] { return keeper.state().epoch == epoch; });
  }

  TemporaryFolder folder_;
  Hub hub_;
  bool adopts_ = true;
  std::mutex mutex_;
  Keeper* keeper_ = nullptr;
  std::vector<uint64_t> epochs_;
};

TEST_F(KeeperTest, AdoptsWhatTheHubHasAndEveryChange) {
  test::World world = full_world();
  hub_.put(world.catalog, 5);
  const auto keeper = start();
  ASSERT_TRUE(serves(*keeper, 5));
  EXPECT_EQ(keeper->state().fetched_segments, 5U);
  world.add_key(1, "new-key");
  hub_.put(world.catalog, 6);
  ASSERT_TRUE(serves(*keeper, 6));
  EXPECT_EQ(keeper->state().fetched_segments, 6U) << "only the shard that changed";
  EXPECT_EQ(epochs(), (std::vector<uint64_t>{5, 6}));
  EXPECT_EQ(keeper->state().counts.keys, 9U);
  keeper->stop();
}

TEST_F(KeeperTest, WaitsForAHubThatIsNotThereYet) {
  const auto keeper = start();
  ASSERT_TRUE(eventually([&] { return report().is_object(); }));
  EXPECT_EQ(report().at("state"), "starting");
  EXPECT_EQ(keeper->state().image, nullptr);
  hub_.put(full_world().catalog, 1);
  EXPECT_TRUE(serves(*keeper, 1));
  keeper->stop();
}

TEST_F(KeeperTest, IsLiveOnlyOnceEveryWorkerSaidSo) {
  adopts_ = false;
  KeeperSettings two = settings();
  two.worker_count = 2;
  hub_.put(full_world().catalog, 3);
  const auto keeper = start(two);
  ASSERT_TRUE(eventually([&] { return keeper->state().image != nullptr; }));
  keeper->adopted(3);
  EXPECT_EQ(keeper->state().epoch, 0U);
  keeper->adopted(2);
  EXPECT_EQ(keeper->state().epoch, 0U) << "an older image is no news";
  keeper->adopted(3);
  EXPECT_EQ(keeper->state().epoch, 3U);
  ASSERT_TRUE(eventually([&] { return report().is_object() && report().at("epoch") == 3; }));
  keeper->stop();
}

TEST_F(KeeperTest, ReportsWhatThePlanNames) {
  hub_.put(full_world().catalog, 3);
  const auto keeper = start();
  ASSERT_TRUE(eventually([&] { return report().is_object() && report().at("epoch") == 3; }));
  const nlohmann::json json = report();
  EXPECT_EQ(json.at("id"), "gw-1");
  EXPECT_EQ(json.at("environment"), "Default");
  EXPECT_EQ(json.at("version"), "1.2.3");
  EXPECT_EQ(json.at("pid"), getpid());
  EXPECT_EQ(json.at("host"), "host");
  EXPECT_EQ(json.at("workers"), 1);
  EXPECT_EQ(json.at("state"), "serving");
  EXPECT_EQ(json.at("refused_epoch"), 0);
  EXPECT_EQ(json.at("refused_reason"), "");
  EXPECT_EQ(json.at("apis"), 3);
  EXPECT_EQ(json.at("keys"), 8);
  EXPECT_GE(json.at("seen_ms"), json.at("started_ms"));
  EXPECT_GE(json.at("adopted_ms"), json.at("started_ms"));
  const uint64_t seen_ms = json.at("seen_ms");
  EXPECT_TRUE(eventually([&] { return report().is_object() && report().at("seen_ms") > seen_ms; }))
      << "it goes on saying so";
  keeper->stop();
}

TEST_F(KeeperTest, ABadSnapshotIsRefusedAndTheOldOneServes) {
  test::World world = full_world();
  hub_.put(world.catalog, 5);
  const auto keeper = start();
  ASSERT_TRUE(serves(*keeper, 5));

  world.add_key(1, "new-key");
  test::Published next = test::publish(world.catalog, 6);
  for (auto& file : next.compiled.fresh) {
    if (file.ref.kind == layout::Kind::Keys)
      file.bytes[200] = static_cast<char>(file.bytes[200] ^ 1);
  }
  hub_.put_segments(next);
  hub_.put_manifest(6, next.manifest);
  ASSERT_TRUE(refused(*keeper, "keys shard 0"));
  EXPECT_EQ(keeper->state().refused_epoch, 6U);
  EXPECT_EQ(keeper->state().epoch, 5U);
  ASSERT_TRUE(
      eventually([&] { return report().is_object() && report().at("refused_epoch") == 6; }));
  EXPECT_NE(report().at("refused_reason").get<std::string>().find("hash"), std::string::npos);

  hub_.put(world.catalog, 7);
  ASSERT_TRUE(serves(*keeper, 7));
  EXPECT_EQ(keeper->state().refused_reason, "");
  EXPECT_EQ(keeper->state().refused_count, 1U);
  keeper->stop();
}

TEST_F(KeeperTest, UnsignedTruncatedNewerMajorAndOlderManifestsAreRefused) {
  const test::World world = full_world();
  const test::Published good = hub_.put(world.catalog, 10);
  const auto keeper = start();
  ASSERT_TRUE(serves(*keeper, 10));

  std::string unsigned_file = test::publish(world.catalog, 11).manifest;
  unsigned_file.back() = static_cast<char>(unsigned_file.back() ^ 1);
  hub_.put_manifest(11, unsigned_file);
  EXPECT_TRUE(refused(*keeper, "signature"));
  EXPECT_EQ(keeper->state().refused_epoch, 11U)
      << "from the file's name: its content proves nothing";

  hub_.put_manifest(12, std::string_view(good.manifest).substr(0, 100));
  EXPECT_TRUE(refused(*keeper, "bytes"));

  std::string newer = test::publish(world.catalog, 13).manifest;
  ++newer[4];
  hub_.put_manifest(13, newer);
  EXPECT_TRUE(refused(*keeper, "major"));

  hub_.put(world.catalog, 9);
  EXPECT_TRUE(refused(*keeper, "older"));

  test::World other = full_world();
  other.add_key(1, "new-key");
  const test::Published same_epoch = test::publish(other.catalog, 10);
  hub_.put_segments(same_epoch);
  hub_.put_manifest(14, same_epoch.manifest);
  EXPECT_TRUE(refused(*keeper, "another content"));

  EXPECT_EQ(keeper->state().epoch, 10U);
  EXPECT_EQ(epochs(), std::vector<uint64_t>{10});
  EXPECT_EQ(keeper->state().refused_count, 5U);
  keeper->stop();
}

TEST_F(KeeperTest, AnIncompletePublicationIsWaitedFor) {
  const test::Published published = test::publish(full_world().catalog, 4);
  hub_.put_manifest(4, published.manifest);
  const auto keeper = start();
  ASSERT_TRUE(eventually([&] { return keeper->state().hub_error_count > 0; }));
  EXPECT_EQ(keeper->state().refused_count, 0U);
  EXPECT_NE(keeper->state().hub_error.find(".seg"), std::string::npos);
  hub_.put_segments(published);
  EXPECT_TRUE(serves(*keeper, 4));
  EXPECT_EQ(keeper->state().hub_error, "");
  keeper->stop();
}

TEST_F(KeeperTest, AHubThatNamesNothingAnyMoreIsToldAndTheOldOneServes) {
  hub_.put(full_world().catalog, 4);
  const auto keeper = start();
  ASSERT_TRUE(serves(*keeper, 4));
  std::filesystem::remove(hub_.path() + "/manifests/Default/CURRENT");
  EXPECT_TRUE(eventually([&] { return !keeper->state().hub_error.empty(); }));
  EXPECT_EQ(keeper->state().epoch, 4U);
  hub_.put(full_world().catalog, 5);
  EXPECT_TRUE(serves(*keeper, 5));
  EXPECT_TRUE(eventually([&] { return keeper->state().hub_error.empty(); }));
  keeper->stop();
}

TEST_F(KeeperTest, StartsFromItsCacheWhenTheHubIsAway) {
  hub_.put(full_world().catalog, 5);
  {
    const auto keeper = start();
    ASSERT_TRUE(serves(*keeper, 5));
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "cache/manifest"); }));
    keeper->stop();
  }
  std::filesystem::remove_all(hub_.path());
  const auto keeper = start();
  ASSERT_TRUE(serves(*keeper, 5));
  EXPECT_TRUE(keeper->state().from_cache);
  EXPECT_EQ(keeper->state().fetched_segments, 0U);
  keeper->stop();
}

TEST_F(KeeperTest, ADamagedCacheIsNotServedAndIsRepairedFromTheHub) {
  hub_.put(full_world().catalog, 5);
  {
    const auto keeper = start();
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "cache/manifest"); }));
    keeper->stop();
  }
  std::string damaged;
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "cache/segments"))
    damaged = file.path();
  std::string bytes = test::read_text(damaged);
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  test::write_file(damaged, bytes);

  const auto keeper = start();
  ASSERT_TRUE(serves(*keeper, 5));
  EXPECT_FALSE(keeper->state().from_cache);
  EXPECT_EQ(keeper->state().fetched_segments, 1U);
  EXPECT_TRUE(eventually(
      [&] { return std::filesystem::exists(damaged) && test::read_text(damaged) != bytes; }));
  keeper->stop();
}

TEST_F(KeeperTest, AnOlderHubDoesNotReplaceTheCache) {
  hub_.put(full_world().catalog, 5);
  {
    const auto keeper = start();
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "cache/manifest"); }));
    keeper->stop();
  }
  std::filesystem::remove_all(hub_.path());
  hub_.put(full_world().catalog, 4);
  const auto keeper = start();
  EXPECT_TRUE(refused(*keeper, "older"));
  EXPECT_EQ(keeper->state().epoch, 5U);
  keeper->stop();
}

TEST_F(KeeperTest, RetiredImagesAreFreed) {
  adopts_ = false;
  test::World world = full_world();
  hub_.put(world.catalog, 1);
  const auto keeper = start();
  ASSERT_TRUE(eventually([&] { return epochs().size() == 1; }));
  world.add_key(1, "new-key");
  hub_.put(world.catalog, 2);
  ASSERT_TRUE(eventually([&] { return epochs().size() == 2; }));
  EXPECT_TRUE(eventually([&] { return keeper->state().live_images == 1; }));
  keeper->stop();
}

TEST_F(KeeperTest, SettingsThatCannotWorkAreRefusedWithAReason) {
  const auto reason = [&](auto change) {
    KeeperSettings bad = settings();
    change(bad);
    const auto keeper = Keeper::open(bad, [](auto) {});
    return keeper ? std::string() : keeper.error();
  };
  EXPECT_NE(reason([](auto& s) { s.hub = "redis://x"; }).find("directory:"), std::string::npos);
  EXPECT_NE(reason([](auto& s) { s.hub = "directory:"; }), "");
  EXPECT_NE(reason([](auto& s) { s.public_key_file = "/nowhere/x.pub"; }).find("/nowhere/x.pub"),
            std::string::npos);
  EXPECT_NE(reason([](auto& s) { s.environment = "../x"; }), "");
  EXPECT_NE(reason([](auto& s) { s.gateway_id = "a/b"; }), "");
  test::write_file(folder_ / "bad.pub", "hello\n");
  EXPECT_NE(reason([&](auto& s) { s.public_key_file = folder_ / "bad.pub"; }).find("base64"),
            std::string::npos);
}

}  // namespace
}  // namespace apim::snapshot
