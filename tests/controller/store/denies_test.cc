// Deny conditions.

#include "store/denies.h"

#include "controller/store/support_store.h"
#include "store/outbox.h"

namespace apim::store {
namespace {

STORE_SUITE(DeniesTest);

model::DenyCondition sample(model::DenyCondition::Kind kind, const std::string& value) {
  model::DenyCondition deny;
  deny.kind = kind;
  deny.value = value;
  if (kind == model::DenyCondition::Kind::IpRange) {
    deny.last = "10.0.0.9";
    deny.inverted = true;
  }
  return deny;
}

TEST_P(DeniesTest, EveryKindComesBackAsItWentIn) {
  using Kind = model::DenyCondition::Kind;
  std::string written;
  for (const auto kind : {Kind::Api, Kind::Application, Kind::User, Kind::Ip, Kind::IpRange}) {
    const auto made =
        write([&](Transaction& tx) { return denies::insert(tx, sample(kind, "10.0.0.1")); });
    written += dump(made) + "\n";
    EXPECT_EQ(dump(read([&](Transaction& tx) { return denies::find(tx, kTenant, made.uuid); })),
              dump(made));
  }
  std::string listed;
  for (const auto& deny : read([](Transaction& tx) { return denies::list(tx, kTenant); })) {
    listed += dump(deny) + "\n";
  }
  EXPECT_EQ(listed, written);
}

TEST_P(DeniesTest, TheSameConditionExistsOnce) {
  const auto insert = [](Transaction& tx) {
    return denies::insert(tx, sample(model::DenyCondition::Kind::User, "bob@carbon.super"));
  };
  write(insert);
  const Problem problem = refusal(insert);
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_EQ(problem.code, 900979);
  EXPECT_NE(problem.description.find("USER 'bob@carbon.super'"), std::string::npos);
}

TEST_P(DeniesTest, SwitchingAndRemovingAreTold) {
  const auto made = write([](Transaction& tx) {
    return denies::insert(tx, sample(model::DenyCondition::Kind::Api, "/pizza/1.0.0"));
  });
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  EXPECT_FALSE(write([&](Transaction& tx) {
                 return denies::enable(tx, kTenant, made.uuid, false);
               }).enabled);
  EXPECT_FALSE(read([&](Transaction& tx) { return denies::find(tx, kTenant, made.uuid); }).enabled);
  const auto remove = [&](Transaction& tx) { return denies::remove(tx, kTenant, made.uuid); };
  EXPECT_EQ(refusal([&](Transaction& tx) {
              return denies::remove(tx, "foo.com", made.uuid);
            }).http_status,
            404);
  write(remove);
  EXPECT_EQ(refusal(remove).http_status, 404);
  const auto changes = read([&](Transaction& tx) { return outbox::changes_since(tx, before); });
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].kind, model::Change::Kind::Deny);
}

}  // namespace
}  // namespace apim::store
