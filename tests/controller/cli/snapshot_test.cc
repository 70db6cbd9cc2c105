// What snapshot promises.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kSnapshots = "/api/apim/v1/snapshots";

struct Published : test::LoggedIn {
  Published() {
    controller.answer("GET " + kSnapshots,
                      test::page({{{"epoch", 9},
                                   {"createdTime", 1'700'000'000'000},
                                   {"segments", 5},
                                   {"bytes", 4096},
                                   {"current", true},
                                   {"rollbackOf", 4}},
                                  {{"epoch", 8}, {"segments", 5}, {"current", false}}}));
    controller.answer(
        "GET " + kSnapshots + "/9",
        {{"epoch", 9},
         {"segments", {{{"kind", "apis"}, {"shard", 0}, {"bytes", 7}, {"name", "ab"}}}}});
    controller.answer("GET " + kSnapshots + "/9/verify", {{"valid", true}});
    controller.answer("GET " + kSnapshots + "/8/verify",
                      {{"valid", false}, {"problems", {"hash of ab"}}});
    controller.answer("GET " + kSnapshots + "/diff", {{"apis", {{"added", {"Pizza 1.0.0"}}}}});
    controller.answer("POST " + kSnapshots + "/rollback", {{"epoch", 10}});
  }
};

TEST(Snapshot, IsListedWithTheCurrentOneMarked) {
  const Published one;
  const auto ran = test::run_apimctl({"snapshot", "list"});
  EXPECT_THAT(ran.out, HasSubstr("2023-11-14 22:13:20Z  5         4096   yes      4"));
}

TEST(Snapshot, TheCurrentOneIsMeantWhenNoneIsNamed) {
  const Published one;
  EXPECT_THAT(test::run_apimctl({"snapshot", "inspect"}).out, HasSubstr("apis  0      7      ab"));
  EXPECT_THAT(test::run_apimctl({"snapshot", "verify"}).out, HasSubstr("intact"));
}

TEST(Snapshot, DamageIsExitCodeOneWithTheReason) {
  const Published one;
  const auto ran = test::run_apimctl({"snapshot", "verify", "8"});
  EXPECT_EQ(ran.exit, Exit::Refused);
  EXPECT_THAT(ran.err, HasSubstr("hash of ab"));
}

TEST(Snapshot, ADifferenceIsShownWithSigns) {
  const Published one;
  EXPECT_THAT(test::run_apimctl({"snapshot", "diff", "8", "9"}).out, HasSubstr("+ Pizza 1.0.0"));
  EXPECT_THAT(one.controller.last("GET " + kSnapshots + "/diff").target, HasSubstr("from=8&to=9"));
}

TEST(Snapshot, ARollbackSaysHowLongItHolds) {
  const Published one;
  const auto ran = test::run_apimctl({"snapshot", "rollback", "8"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("as epoch 10"));
  EXPECT_THAT(ran.err, HasSubstr("until the next change"));
}

}  // namespace
}  // namespace apim::cli
