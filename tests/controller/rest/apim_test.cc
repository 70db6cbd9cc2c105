// What apim's own routes promise beyond their shapes, and how deployments are read.

#include <gtest/gtest.h>

#include "controller/rest/support_house.h"
#include "rest/api_shapes.h"

namespace apim::rest {
namespace {

using testing::House;
using testing::kApim;
using testing::Reply;

TEST(Apim, RollingBackPublishesOldContentAsANewEpoch) {
  House house;
  service::testing::make_api(house.office());
  const uint64_t epoch = house.office().newest_epoch();
  ASSERT_TRUE(house.office().publisher().wait_published(epoch, 10'000));
  const auto before = house.get(kApim + "/snapshots?environment=Default").json()["list"];
  const std::string old = before[0]["epoch"].dump();
  const Reply rolled = house.ask(
      {.method = "POST", .path = kApim + "/snapshots/rollback?environment=Default&epoch=" + old});
  ASSERT_EQ(rolled.status, 200) << rolled.body;
  EXPECT_EQ(rolled.header("apim-epoch"), rolled.json()["epoch"].dump());
  const auto after = house.get(kApim + "/snapshots?environment=Default").json()["list"];
  EXPECT_EQ(after[0]["rollbackOf"].dump(), old);
}

TEST(Apim, EveryUserMayAskWhoItIs) {
  House house;
  house.add_user("sam", "sam sam sam", {"Internal/subscriber"});
  const Reply me = house.ask({.path = kApim + "/me", .user = "sam:sam sam sam"});
  ASSERT_EQ(me.status, 200) << me.body;
  EXPECT_EQ(me.json()["user"], "sam");
  EXPECT_EQ(me.json()["tenant"], "carbon.super");
  EXPECT_NE(me.body.find("apim:subscribe"), std::string::npos);
  EXPECT_EQ(house.ask({.path = kApim + "/me", .user = "sam:wrong"}).status, 401);
}

TEST(ApiShapes, DeploymentsAreReadInOrder) {
  const auto targets = read_deployments(nlohmann::json::parse(
      R"([{"name": "A", "vhost": "a"}, {"name": "B", "displayOnDevportal": false}])"));
  ASSERT_TRUE(targets.has_value());
  EXPECT_EQ(targets->at(0).vhost, "a");
  EXPECT_FALSE(targets->at(1).shown_in_devportal);
  EXPECT_FALSE(read_deployments(nlohmann::json::object()).has_value());
  EXPECT_FALSE(read_deployments(nlohmann::json::parse(R"([{"vhost": "a"}])")).has_value());
  EXPECT_EQ(time_text(1'795'258'467'282), "2026-11-21T10:54:27Z");
}

}  // namespace
}  // namespace apim::rest
