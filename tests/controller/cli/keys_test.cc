// What keys promises: the key alone on standard output, restrictions sent, revocation by key, id or
// name.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kKeys = "/api/am/devportal/v3/applications/a1/api-keys/";

struct Shop : test::LoggedIn {
  Shop() {
    controller.answer("GET /api/am/devportal/v3/applications",
                      test::page({{{"applicationId", "a1"}, {"name", "shop"}}}));
    controller.answer(
        "GET " + kKeys + "PRODUCTION",
        test::page({{{"keyUUID", "k1"}, {"keyName", "till"}, {"validityPeriod", -1}}}));
    controller.answer(
        "GET " + kKeys + "SANDBOX",
        test::page({{{"keyUUID", "k2"}, {"keyName", "toy"}, {"validityPeriod", 60}}}));
    controller.answer("POST " + kKeys + "PRODUCTION/generate",
                      {{"apikey", "the-key"}, {"validityTime", -1}}, 200, 8);
    controller.answer("POST " + kKeys + "PRODUCTION/revoke", json::object(), 200, 9);
    controller.answer("POST " + kKeys + "SANDBOX/revoke", json::object(), 200, 9);
  }
};

TEST(Keys, ANewKeyIsShownOnceWithWhatRestrictsIt) {
  const Shop one;
  const auto ran = test::run_apimctl({"keys", "create", "shop", "--ip", "10.0.0.0/8", "--referer",
                                      "https://a/*", "--valid", "60", "--name", "till"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("the-key"));
  const auto sent = json::parse(one.controller.last("POST " + kKeys + "PRODUCTION/generate").body);
  EXPECT_EQ(sent["validityPeriod"], 60);
  EXPECT_EQ(sent["keyName"], "till");
  EXPECT_EQ(sent["additionalProperties"]["permittedIP"], "10.0.0.0/8");
  EXPECT_EQ(sent["additionalProperties"]["permittedReferer"], "https://a/*");
}

TEST(Keys, BothTypesAreListed) {
  const Shop one;
  const auto ran = test::run_apimctl({"keys", "list", "shop"});
  EXPECT_THAT(ran.out, HasSubstr("till  PRODUCTION"));
  EXPECT_THAT(ran.out, HasSubstr("toy   SANDBOX"));
}

TEST(Keys, AreRevokedByNameIdOrText) {
  const Shop one;
  ASSERT_EQ(test::run_apimctl({"keys", "revoke", "shop", "toy"}).exit, Exit::Done);
  EXPECT_EQ(json::parse(one.controller.last("POST " + kKeys + "SANDBOX/revoke").body)["keyUUID"],
            "k2");
  ASSERT_EQ(test::run_apimctl({"keys", "revoke", "shop", "some-key"}).exit, Exit::Done);
  EXPECT_EQ(json::parse(one.controller.last("POST " + kKeys + "PRODUCTION/revoke").body)["apikey"],
            "some-key");
}

}  // namespace
}  // namespace apim::cli
