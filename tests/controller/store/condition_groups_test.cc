// Conditional limits of advanced policies.

#include "store/condition_groups.h"

#include "controller/store/support_store.h"
#include "store/policies.h"

namespace apim::store {
namespace {

STORE_SUITE(ConditionGroupsTest);

using model::Condition;
using model::PolicyLevel;

model::ThrottlePolicy with_every_condition() {
  model::ThrottlePolicy policy = sample_policy(PolicyLevel::Advanced, "conditional");
  using Kind = Condition::Kind;
  policy.groups = {
      {.description = "first",
       .conditions =
           {{.kind = Kind::Claim, .name = "sub", .value = "a.*"},
            {.kind = Kind::IpRange, .inverted = true, .name = "10.0.0.1", .value = "10.0.0.9"},
            {.kind = Kind::Header, .inverted = true, .name = "X-A", .value = "^b$"},
            {.kind = Kind::Ip, .name = "", .value = "2001:db8::1"},
            {.kind = Kind::QueryParameter, .name = "q", .value = "c|d"},
            {.kind = Kind::Header, .name = "X-A", .value = "second"}},
       .limit = {.count = 1, .unit_time = 2, .unit = model::TimeUnit::Day}},
      {.description = "second", .conditions = {}, .limit = {.count = 3}}};
  return policy;
}

TEST_P(ConditionGroupsTest, EveryKindComesBackInItsOrder) {
  const auto made =
      write([](Transaction& tx) { return policies::insert(tx, with_every_condition()); });
  const auto found = read([&](Transaction& tx) {
    return policies::find(tx, kTenant, PolicyLevel::Advanced, made.uuid);
  });
  EXPECT_EQ(dump(found), dump(made));
  ASSERT_EQ(found.groups.size(), 2u);
  EXPECT_EQ(found.groups[0].conditions.size(), 6u);
}

TEST_P(ConditionGroupsTest, AnUpdateReplacesThemAndRemovalTakesThem) {
  auto policy = write([](Transaction& tx) { return policies::insert(tx, with_every_condition()); });
  policy.groups.erase(policy.groups.begin());
  write([&](Transaction& tx) { return policies::update(tx, policy); });
  const auto found = read([&](Transaction& tx) {
    return policies::find(tx, kTenant, PolicyLevel::Advanced, policy.uuid);
  });
  EXPECT_EQ(dump(found), dump(policy));
  write([&](Transaction& tx) {
    return policies::remove(tx, kTenant, PolicyLevel::Advanced, policy.uuid);
  });
  for (const char* table : {"am_condition_group", "am_ip_condition", "am_header_field_condition",
                            "am_query_parameter_condition", "am_jwt_claim_condition"}) {
    EXPECT_EQ(read([&](Transaction& tx) {
                return tx.number("SELECT COUNT(*) FROM " + std::string(table));
              }),
              0)
        << table;
  }
}

}  // namespace
}  // namespace apim::store
