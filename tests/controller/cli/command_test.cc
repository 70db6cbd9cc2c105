// What every command promises: whole lists, names that are found or explained, waiting that tells
// the truth.

#include "cli/command.h"

#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using nlohmann::json;

const char* const kApis = "GET /api/am/publisher/v4/apis";
const char* const kWait = "GET /api/apim/v1/gateways/wait";

json alive(uint64_t refused = 0) {
  return {{"id", "gw-1"},
          {"alive", true},
          {"epoch", 4},
          {"refused_epoch", refused},
          {"refused_reason", refused == 0 ? "" : "hash of segment 3"}};
}

TEST(Command, AnApiIsFoundByNameVersionAndId) {
  test::LoggedIn in;
  in.controller.answer(kApis, test::page({{{"id", "1"}, {"name", "A"}, {"version", "1.0"}},
                                          {{"id", "2"}, {"name", "A"}, {"version", "2.0"}},
                                          {{"id", "3"}, {"name", "B"}, {"version", "1.0"}}}));
  const auto client = connect();
  ASSERT_TRUE(client);
  EXPECT_EQ((*find_api(**client, "A:2.0"))["id"], "2");
  EXPECT_EQ((*find_api(**client, "B"))["id"], "3");
  EXPECT_EQ((*find_api(**client, "1"))["id"], "1");
  const auto ambiguous = find_api(**client, "A");
  ASSERT_FALSE(ambiguous);
  EXPECT_NE(ambiguous.error().advice.find("A:1.0, A:2.0"), std::string::npos);
  const auto unknown = find_api(**client, "B:9");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().advice.find("B:1.0"), std::string::npos);
}

TEST(Command, AnAnswerThatIsNoListIsRefused) {
  test::LoggedIn in;
  in.controller.answer(kApis, {{"surprise", 1}});
  const auto client = connect();
  ASSERT_TRUE(client);
  EXPECT_FALSE(collect(**client, "/api/am/publisher/v4/apis"));
}

struct Settling {
  test::LoggedIn in;
  std::ostringstream out;
  std::ostringstream err;
  Context context;
  Settling() {
    context.output.out = &out;
    context.output.err = &err;
  }
  Outcome<Settled> settle_epoch(uint64_t epoch) {
    const auto client = connect();
    return settle(context, **client, "Default", epoch, std::chrono::steady_clock::now());
  }
};

TEST(Command, ReachedGatewaysAreCounted) {
  Settling one;
  one.in.controller.answer("GET /api/apim/v1/gateways", {{"count", 1}, {"list", {alive()}}});
  one.in.controller.answer(kWait, {{"live", 1}, {"total", 1}, {"waited_ms", 3}, {"reached", true}});
  const auto settled = one.settle_epoch(5);
  ASSERT_TRUE(settled);
  EXPECT_TRUE(settled->live["reached"]);
  EXPECT_EQ(one.out.str().substr(0, 24), "live on 1/1 gateways in ");
}

TEST(Command, ARefusingGatewayIsAFailureWithItsReason) {
  Settling one;
  one.in.controller.answer("GET /api/apim/v1/gateways", {{"count", 1}, {"list", {alive()}}});
  one.in.controller.answer(kWait,
                           {{"live", 0}, {"total", 1}, {"reached", false}, {"list", {alive(5)}}});
  const auto settled = one.settle_epoch(5);
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().exit, Exit::Refused);
  EXPECT_NE(settled.error().message.find("hash of segment 3"), std::string::npos);
}

TEST(Command, WithoutAGatewayNobodyIsWaitedFor) {
  Settling one;
  const auto settled = one.settle_epoch(5);
  ASSERT_TRUE(settled);
  EXPECT_NE(one.err.str().find("no gateway"), std::string::npos);
  EXPECT_EQ(one.in.controller.last(kWait).method, "");
}

TEST(Command, FieldsOfAnyKindAreText) {
  const json object = {{"a", "x"}, {"b", 5}, {"c", nullptr}};
  EXPECT_EQ(field(object, "a") + field(object, "b") + field(object, "c") + field(object, "d"),
            "x5");
  EXPECT_EQ(field(json::array(), "a"), "");
}

}  // namespace
}  // namespace apim::cli
