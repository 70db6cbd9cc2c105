// Throttling policies of every level.

#include "store/policies.h"

#include <set>

#include "controller/store/support_store.h"
#include "store/apis.h"
#include "store/applications.h"
#include "store/outbox.h"
#include "store/revisions.h"
#include "store/subscriptions.h"

namespace apim::store {
namespace {

using model::PolicyLevel;

constexpr std::array kLevels{PolicyLevel::Subscription, PolicyLevel::Application,
                             PolicyLevel::Advanced};

class PoliciesTest : public StoreTest {
 protected:
  model::ThrottlePolicy add(PolicyLevel level, const std::string& name) {
    return write([&](Transaction& tx) { return policies::insert(tx, sample_policy(level, name)); });
  }
  auto removing(const model::ThrottlePolicy& policy) {
    return [policy](Transaction& tx) {
      return policies::remove(tx, kTenant, policy.level, policy.uuid);
    };
  }
};
INSTANTIATE_TEST_SUITE_P(, PoliciesTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(PoliciesTest, ComeBackAsTheyWentInOnEveryLevel) {
  for (const PolicyLevel level : kLevels) {
    const auto made = add(level, "mine");
    const auto found =
        read([&](Transaction& tx) { return policies::find(tx, kTenant, level, made.uuid); });
    EXPECT_EQ(dump(found), dump(made));
  }
}

TEST_P(PoliciesTest, EveryUnitAndKindIsKept) {
  int number = 0;
  for (const auto unit : {model::TimeUnit::Second, model::TimeUnit::Minute, model::TimeUnit::Hour,
                          model::TimeUnit::Day, model::TimeUnit::Week, model::TimeUnit::Month,
                          model::TimeUnit::Year}) {
    for (const auto kind : {model::QuotaKind::Requests, model::QuotaKind::Bytes,
                            model::QuotaKind::Events, model::QuotaKind::AiTokens}) {
      auto policy = sample_policy(PolicyLevel::Subscription, "p" + std::to_string(++number));
      policy.limit = {.kind = kind, .count = 1ull << 62, .unit_time = 5, .unit = unit};
      const auto made = write([&](Transaction& tx) { return policies::insert(tx, policy); });
      const auto found = read([&](Transaction& tx) {
        return policies::find(tx, kTenant, PolicyLevel::Subscription, made.uuid);
      });
      EXPECT_EQ(found.limit, policy.limit);
    }
  }
}

TEST_P(PoliciesTest, TheShippedOnesAreThereWithTheirLimits) {
  const auto limit_of = [&](PolicyLevel level, const std::string& name) {
    const auto policy =
        read([&](Transaction& tx) { return policies::find_by_name(tx, kTenant, level, name); });
    return policy.value().limit;
  };
  EXPECT_EQ(limit_of(PolicyLevel::Subscription, "Gold").count, 5000u);
  EXPECT_EQ(limit_of(PolicyLevel::Application, "10PerMin").count, 10u);
  EXPECT_EQ(limit_of(PolicyLevel::Advanced, "50KPerMin").count, 50000u);
  EXPECT_TRUE(limit_of(PolicyLevel::Subscription, "Unlimited").is_unlimited());
}

TEST_P(PoliciesTest, IdsAreUniqueOverAllLevelsAndNeverReused) {
  std::set<uint32_t> ids;
  size_t count = 0;
  for (const PolicyLevel level : kLevels) {
    for (const auto& policy :
         read([&](Transaction& tx) { return policies::list(tx, kTenant, level); })) {
      ids.insert(policy.id);
      ++count;
    }
  }
  EXPECT_EQ(ids.size(), count);
  const auto first = add(PolicyLevel::Advanced, "mine");
  write(removing(first));
  EXPECT_GT(add(PolicyLevel::Application, "mine").id, first.id);
}

TEST_P(PoliciesTest, ANameExistsOnceForALevel) {
  for (const PolicyLevel level : kLevels) {
    add(level, "mine");
    const Problem problem = refusal(
        [&](Transaction& tx) { return policies::insert(tx, sample_policy(level, "mine")); });
    EXPECT_EQ(problem.http_status, 409);
    EXPECT_NE(problem.description.find("policy 'mine'"), std::string::npos);
  }
}

TEST_P(PoliciesTest, AnUpdateKeepsNameAndIdAndIsTold) {
  auto policy = add(PolicyLevel::Advanced, "mine");
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  policy.name = "renamed";
  policy.limit.count = 9;
  policy.per_user = true;
  const auto updated = write([&](Transaction& tx) { return policies::update(tx, policy); });
  EXPECT_EQ(updated.name, "mine");
  const auto found = read([&](Transaction& tx) {
    return policies::find(tx, kTenant, PolicyLevel::Advanced, policy.uuid);
  });
  EXPECT_EQ(dump(found), dump(updated));
  EXPECT_EQ(found.limit.count, 9u);
  EXPECT_TRUE(found.per_user);
  const auto changes = read([&](Transaction& tx) { return outbox::changes_since(tx, before); });
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind, model::Change::Kind::Policy);
  EXPECT_EQ(changes[0].id, policy.id);
}

TEST_P(PoliciesTest, APolicyOfAnotherLevelIsNotFound) {
  const auto made = add(PolicyLevel::Advanced, "mine");
  const Problem problem = refusal([&](Transaction& tx) {
    return policies::find(tx, kTenant, PolicyLevel::Application, made.uuid);
  });
  EXPECT_EQ(problem.http_status, 404);
}

TEST_P(PoliciesTest, AnAdvancedPolicyNamedByAnOperationStays) {
  const auto policy = add(PolicyLevel::Advanced, "mine");
  model::Api api = sample_api("pizza");
  api.operations[1].throttling_policy = "mine";
  write([&](Transaction& tx) { return apis::insert(tx, api); });
  const Problem problem = refusal(removing(policy));
  EXPECT_EQ(problem.http_status, 403);
  EXPECT_EQ(problem.code, 900971);
  EXPECT_NE(problem.description.find("'mine' is used by 1 APIs"), std::string::npos);
}

TEST_P(PoliciesTest, APolicyOnlyARevisionNamesStays) {
  const auto policy = add(PolicyLevel::Advanced, "mine");
  model::Api api = sample_api("pizza");
  api.throttling_policy = "mine";
  api = write([&](Transaction& tx) { return apis::insert(tx, api); });
  const auto revision =
      write([&](Transaction& tx) { return revisions::create(tx, kTenant, api.uuid, "", "admin"); });
  api.throttling_policy = "";
  write([&](Transaction& tx) { return apis::update(tx, api); });
  EXPECT_EQ(refusal(removing(policy)).http_status, 403);
  write([&](Transaction& tx) { return revisions::remove(tx, kTenant, api.uuid, revision.uuid); });
  write(removing(policy));
}

TEST_P(PoliciesTest, ConsumersKeepTheirPolicies) {
  const auto plan = add(PolicyLevel::Subscription, "plan");
  const auto tier = add(PolicyLevel::Application, "tier");
  const auto application = write([&](Transaction& tx) -> Result<model::Application> {
    model::Application sample = sample_application("shop");
    sample.throttling_policy = "tier";
    ASSIGN_OR_REFUSE(sample, applications::insert(tx, sample));
    ASSIGN_OR_REFUSE(const auto api, apis::insert(tx, sample_api("pizza")));
    CHECK_OR_REFUSE(subscriptions::insert(tx, kTenant, sample_subscription(api, sample, "plan")));
    return sample;
  });
  EXPECT_NE(refusal(removing(plan)).description.find("1 subscriptions"), std::string::npos);
  EXPECT_NE(refusal(removing(tier)).description.find("1 applications"), std::string::npos);
  write([&](Transaction& tx) { return applications::remove(tx, kTenant, application.uuid); });
  write(removing(plan));
  write(removing(tier));
}

TEST_P(PoliciesTest, AnotherTenantHasItsOwn) {
  write([](Transaction& tx) { return policies::seed(tx, "foo.com"); });
  const auto count = [&](const std::string& tenant) {
    return read([&](Transaction& tx) {
             return policies::list(tx, tenant, PolicyLevel::Application);
           })
        .size();
  };
  EXPECT_EQ(count("foo.com"), count(kTenant));
  const auto mine = add(PolicyLevel::Application, "mine");
  EXPECT_EQ(count("foo.com") + 1, count(kTenant));
  EXPECT_EQ(refusal([&](Transaction& tx) {
              return policies::remove(tx, "foo.com", PolicyLevel::Application, mine.uuid);
            }).http_status,
            404);
}

}  // namespace
}  // namespace apim::store
