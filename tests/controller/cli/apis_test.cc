// What apis, undeploy and delete promise.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using testing::HasSubstr;

const std::string kPublisherApis = "/api/am/publisher/v4/apis";

struct Listed : test::LoggedIn {
  Listed() {
    controller.answer("GET " + kPublisherApis, test::page({{{"id", "7"},
                                                            {"name", "Pizza"},
                                                            {"version", "1.0.0"},
                                                            {"context", "/pizza"},
                                                            {"lifeCycleStatus", "PUBLISHED"}}}));
    controller.answer(
        "GET " + kPublisherApis + "/7/deployments",
        test::page({{{"name", "Default"}, {"vhost", "localhost"}, {"revisionUuid", "r1"}},
                    {{"name", "Edge"}, {"vhost", "edge"}, {"revisionUuid", "r2"}}}));
    controller.answer("POST " + kPublisherApis + "/7/undeploy-revision", nlohmann::json::array(),
                      201, 9);
  }
};

TEST(Apis, AreListed) {
  const Listed one;
  const auto ran = test::run_apimctl({"apis"});
  EXPECT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Pizza  1.0.0    /pizza   PUBLISHED"));
}

TEST(Apis, AreUndeployedEverywhereOrWhereSaid) {
  const Listed one;
  EXPECT_THAT(test::run_apimctl({"undeploy", "Pizza"}).out, HasSubstr("from 2 places"));
  EXPECT_THAT(test::run_apimctl({"undeploy", "Pizza", "--env", "Edge"}).out,
              HasSubstr("from 1 place"));
  const auto last = one.controller.last("POST " + kPublisherApis + "/7/undeploy-revision");
  EXPECT_THAT(last.target, HasSubstr("revisionId=r2"));
  const auto nowhere = test::run_apimctl({"undeploy", "Pizza", "--env", "Mars"});
  EXPECT_EQ(nowhere.exit, Exit::Refused);
  EXPECT_THAT(nowhere.err, HasSubstr("Mars"));
}

TEST(Apis, AreDeletedByName) {
  Listed one;
  one.controller.answer("DELETE " + kPublisherApis + "/7", nlohmann::json::object(), 200, 10);
  const auto ran = test::run_apimctl({"delete", "Pizza:1.0.0", "-o", "json"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_EQ(nlohmann::json::parse(ran.out)["epoch"], 10);
}

}  // namespace
}  // namespace apim::cli
