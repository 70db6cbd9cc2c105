// What gateways promises: who serves what, who is gone, and who refuses why.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using testing::HasSubstr;

TEST(Gateways, AreListedWithTheirState) {
  test::LoggedIn one;
  const auto gateway = [](const char* id, bool alive, int refused) {
    return nlohmann::json{{"id", id},
                          {"environment", "Default"},
                          {"alive", alive},
                          {"epoch", 4},
                          {"state", "serving"},
                          {"refused_epoch", refused},
                          {"refused_reason", refused == 0 ? "" : "bad hash"},
                          {"seen_ms", 5}};
  };
  one.controller.answer(
      "GET /api/apim/v1/gateways",
      {{"count", 3},
       {"list", {gateway("a", true, 0), gateway("b", false, 0), gateway("c", true, 5)}}});
  const auto ran = test::run_apimctl({"gateways", "--env", "Default"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("serving"));
  EXPECT_THAT(ran.out, HasSubstr("gone"));
  EXPECT_THAT(ran.out, HasSubstr("refuses 5: bad hash"));
  EXPECT_THAT(one.controller.last("GET /api/apim/v1/gateways").target,
              HasSubstr("environment=Default"));
}

}  // namespace
}  // namespace apim::cli
