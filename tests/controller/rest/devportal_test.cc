// What the developer portal's routes promise beyond their shapes, and what consumers' shapes
// refuse.

#include <gtest/gtest.h>

#include "controller/rest/support_house.h"
#include "rest/consumer_shapes.h"

namespace apim::rest {
namespace {

using testing::House;
using testing::kDevportal;
using testing::Reply;

TEST(Devportal, AnybodyReadsWhatIsPublishedAndNothingOfItsBackEnd) {
  House house;
  const std::string uuid = service::testing::make_published_api(house.office());
  const Reply reply = house.ask({.path = kDevportal + "/apis/" + uuid, .user = ""});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.find("127.0.0.1:9"), std::string::npos);
  EXPECT_EQ(house.ask({.path = kDevportal + "/apis", .user = ""}).json()["count"], 1);
}

TEST(Devportal, OneSubscribersThingsAreNotAnothers) {
  House house;
  house.add_user("sue", "sue's password", {"Internal/subscriber"});
  house.add_user("bob", "bob's password", {"Internal/subscriber"});
  const Reply made = house.ask({.method = "POST",
                                .path = kDevportal + "/applications",
                                .body = R"({"name": "shop", "throttlingPolicy": "Unlimited"})",
                                .user = "sue:sue's password"});
  ASSERT_EQ(made.status, 201);
  const std::string path = made.header("location");
  const std::string bob = "bob:bob's password";
  EXPECT_EQ(house.ask({.path = path, .user = bob}).status, 404);
  EXPECT_EQ(house.ask({.method = "DELETE", .path = path, .user = bob}).status, 404);
  EXPECT_EQ(house.ask({.path = path + "/api-keys/PRODUCTION", .user = bob}).status, 404);
  EXPECT_EQ(house
                .ask({.method = "POST",
                      .path = path + "/api-keys/PRODUCTION/generate",
                      .body = "{}",
                      .user = bob})
                .status,
            404);
  EXPECT_EQ(house.ask({.path = path, .user = "sue:sue's password"}).status, 200);
}

TEST(ConsumerShapes, WrongTypesAreNamed) {
  EXPECT_FALSE(read_application({{"name", 1}, {"throttlingPolicy", "x"}}).has_value());
  EXPECT_FALSE(
      read_application({{"name", "a"}, {"throttlingPolicy", "x"}, {"attributes", {{"k", 1}}}})
          .has_value());
  EXPECT_FALSE(read_key({{"validityPeriod", 1.5}}, model::KeyType::Sandbox).has_value());
  EXPECT_FALSE(read_subscription({{"apiId", "a"}}).has_value());
  EXPECT_FALSE(read_key_type("production").has_value());
}

}  // namespace
}  // namespace apim::rest
