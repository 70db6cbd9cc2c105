// What deny conditions promise: each kind refuses exactly what it names, range ends included.

#include "throttle/deny.h"

#include "support/world.h"

namespace apim::throttle {
namespace {

using Kind = model::DenyCondition::Kind;
using test::Call;
using test::make_image;
using test::operation;
using test::Worker;
using test::World;

class Deny : public ::testing::Test {
 protected:
  // Whether alice's app1, calling API 1 from `address`, is denied by one condition.
  static bool denies(Kind kind, const std::string& value, const std::string& last, bool inverted,
                     std::string_view address) {
    World world;
    world.add_api(1, "pizza", {operation(model::Verb::Get, "/menu")});
    world.add_application(1);
    world.catalog.denies.push_back({.id = 1,
                                    .uuid = "d",
                                    .tenant = "carbon.super",
                                    .kind = kind,
                                    .value = value,
                                    .last = last,
                                    .inverted = inverted,
                                    .enabled = true});
    Worker worker(make_image(world.catalog));
    Call call(worker, http::Method::Get, "/pizza/1.0.0/menu");
    call.x.client.address = *parse_address(address);
    call.x.route.api = call.x.image->find_api(1);
    call.x.principal.application = call.x.image->find_application(1);
    call.x.principal.user_hash = call.x.principal.application->owner_hash();
    return denial_of(call.x, call.x.image->deny()) != Denial::None;
  }
  static bool denies(Kind kind, const std::string& value) {
    return denies(kind, value, "", false, "10.0.0.1");
  }
};

TEST_F(Deny, AnApiByItsContextWithVersion) {
  EXPECT_TRUE(denies(Kind::Api, "/pizza/1.0.0"));
  EXPECT_FALSE(denies(Kind::Api, "/pizza"));
  EXPECT_FALSE(denies(Kind::Api, "/pasta/1.0.0"));
}

TEST_F(Deny, AnApplicationByOwnerAndName) {
  EXPECT_TRUE(denies(Kind::Application, "alice:app1"));
  EXPECT_FALSE(denies(Kind::Application, "bob:app1"));
}

TEST_F(Deny, AUserWithOrWithoutTenant) {
  EXPECT_TRUE(denies(Kind::User, "alice@carbon.super"));
  EXPECT_TRUE(denies(Kind::User, "alice"));
  EXPECT_FALSE(denies(Kind::User, "alice@other"));
}

TEST_F(Deny, AnAddress) {
  EXPECT_TRUE(denies(Kind::Ip, "10.0.0.1"));
  EXPECT_FALSE(denies(Kind::Ip, "10.0.0.2"));
}

TEST_F(Deny, ARangeWithBothItsEnds) {
  const auto in_range = [](std::string_view address) {
    return denies(Kind::IpRange, "10.0.0.5", "10.0.0.9", false, address);
  };
  EXPECT_FALSE(in_range("10.0.0.4"));
  EXPECT_TRUE(in_range("10.0.0.5"));
  EXPECT_TRUE(in_range("10.0.0.7"));
  EXPECT_TRUE(in_range("10.0.0.9"));
  EXPECT_FALSE(in_range("10.0.0.10"));
  EXPECT_FALSE(in_range("::a00:5")) << "an IPv6 address is not the IPv4 one";
}

TEST_F(Deny, AnInvertedRangeDeniesEverythingElse) {
  const auto outside = [](std::string_view address) {
    return denies(Kind::IpRange, "10.0.0.5", "10.0.0.9", true, address);
  };
  EXPECT_TRUE(outside("10.0.0.4"));
  EXPECT_FALSE(outside("10.0.0.5"));
  EXPECT_FALSE(outside("10.0.0.9"));
  EXPECT_TRUE(outside("10.0.0.10"));
  EXPECT_TRUE(outside("2001:db8::1"));
}

TEST_F(Deny, AnIpv6Range) {
  const auto in_range = [](std::string_view address) {
    return denies(Kind::IpRange, "2001:db8::", "2001:db8::ffff", false, address);
  };
  EXPECT_TRUE(in_range("2001:db8::"));
  EXPECT_TRUE(in_range("2001:db8::ffff"));
  EXPECT_FALSE(in_range("2001:db8::1:0"));
}

TEST(Denied, IsNamedByTheFirstConditionThatHolds) {
  World world;
  world.add_api(1, "pizza", {operation(model::Verb::Get, "/menu")});
  world.add_application(1);
  const auto denial = [&](std::string_view address) {
    Worker worker(make_image(world.catalog));
    Call call(worker, http::Method::Get, "/pizza/1.0.0/menu");
    call.x.client.address = *parse_address(address);
    call.x.route.api = call.x.image->find_api(1);
    call.x.principal.application = call.x.image->find_application(1);
    call.x.principal.user_hash = call.x.principal.application->owner_hash();
    return denial_of(call.x, call.x.image->deny());
  };
  const auto add = [&](Kind kind, const std::string& value, bool inverted = false) {
    world.catalog.denies.push_back({.id = 1,
                                    .uuid = "d",
                                    .tenant = "carbon.super",
                                    .kind = kind,
                                    .value = value,
                                    .last = kind == Kind::IpRange ? value : "",
                                    .inverted = inverted,
                                    .enabled = true});
  };
  EXPECT_EQ(denial("10.0.0.1"), Denial::None);
  add(Kind::IpRange, "10.0.0.1", true);
  EXPECT_EQ(denial("10.0.0.1"), Denial::None);
  EXPECT_EQ(denial("10.0.0.2"), Denial::Outside);
  add(Kind::Ip, "10.0.0.2");
  EXPECT_EQ(denial("10.0.0.2"), Denial::Address);
  add(Kind::User, "alice@carbon.super");
  EXPECT_EQ(denial("10.0.0.2"), Denial::User);
  add(Kind::Application, "alice:app1");
  EXPECT_EQ(denial("10.0.0.2"), Denial::Application);
  add(Kind::Api, "/pizza/1.0.0");
  EXPECT_EQ(denial("10.0.0.2"), Denial::Api);
}

}  // namespace
}  // namespace apim::throttle
