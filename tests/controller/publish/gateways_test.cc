#include "publish/gateways.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "controller/publish/support_world.h"
#include "publish/edition.h"
#include "publish/files.h"

namespace apim::publish {
namespace {

using support::must;
using testing::IsEmpty;
using testing::SizeIs;

class GatewaysTest : public testing::Test {
 protected:
  GatewaysTest() { must(make_directories(folder_.path("hub/gateways/Default"))); }

  void report(const std::string& id, uint64_t epoch, uint64_t refused_epoch = 0,
              int64_t age_ms = 0) {
    const nlohmann::json state{{"id", id},
                               {"epoch", epoch},
                               {"refused_epoch", refused_epoch},
                               {"refused_reason", "why"},
                               {"seen_ms", now_ms() - age_ms}};
    must(replace_file(folder_.path("hub/gateways/Default/" + id + ".json"), state.dump()));
  }

  support::TemporaryFolder folder_;
  std::unique_ptr<Hub> hub_ = support::open_hub(folder_);
};

TEST_F(GatewaysTest, AreListedByIdWithWhetherTheyLive) {
  report("two", 5);
  report("one", 4, 0, 60'000);
  must(replace_file(folder_.path("hub/gateways/Default/bad.json"), "{"));
  must(replace_file(folder_.path("hub/gateways/Default/list.json"), "[1]"));
  must(replace_file(folder_.path("hub/gateways/Default/odd.json"), R"({"id":"odd","epoch":"x"})"));
  const std::vector<Gateway> list = gateways(*hub_, "Default");
  ASSERT_THAT(list, SizeIs(3));
  EXPECT_EQ(list[0].id, "odd");
  EXPECT_EQ(list[1].id, "one");
  EXPECT_FALSE(list[1].alive);
  EXPECT_EQ(list[2].id, "two");
  EXPECT_TRUE(list[2].alive);
  EXPECT_EQ(list[2].state["alive"], true);
  EXPECT_EQ(list[2].epoch, 5U);
}

TEST_F(GatewaysTest, NobodyIsNotEverybody) {
  const Arrival arrival = wait_for(*hub_, "Default", 1, 0);
  EXPECT_FALSE(arrival.reached);
  EXPECT_EQ(arrival.total, 0U);
}

TEST_F(GatewaysTest, ALaterEpochIsAsGood) {
  report("one", 9);
  const Arrival arrival = wait_for(*hub_, "Default", 5, kLongMs);
  EXPECT_TRUE(arrival.reached);
  EXPECT_EQ(arrival.live, 1U);
}

TEST_F(GatewaysTest, TheDeadAreNotWaitedFor) {
  report("one", 9);
  report("dead", 1, 0, 60'000);
  EXPECT_TRUE(wait_for(*hub_, "Default", 5, kLongMs).reached);
}

TEST_F(GatewaysTest, EveryLiveOneIsWaitedFor) {
  report("one", 9);
  report("two", 1);
  const Arrival arrival = wait_for(*hub_, "Default", 5, 10);
  EXPECT_FALSE(arrival.reached);
  EXPECT_EQ(arrival.live, 1U);
  EXPECT_EQ(arrival.total, 2U);
}

TEST_F(GatewaysTest, ARefusalEndsTheWait) {
  report("one", 4, 5);
  const Arrival arrival = wait_for(*hub_, "Default", 5, kLongMs);
  EXPECT_FALSE(arrival.reached);
  EXPECT_LT(arrival.waited_ms, kLongMs);
  EXPECT_EQ(arrival.list[0].state["refused_reason"], "why");
}

TEST_F(GatewaysTest, AnArrivalIsNoticed) {
  report("one", 4);
  std::thread later([&] { report("one", 5); });
  EXPECT_TRUE(wait_for(*hub_, "Default", 5, kLongMs).reached);
  later.join();
}

}  // namespace
}  // namespace apim::publish
