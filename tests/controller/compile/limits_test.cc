#include "compile/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using model::PolicyLevel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = model::DenyCondition::Kind;

const std::string kTenant = "carbon.super";

std::string hash_text(const std::string& text) {
  return fmt::format("{:016x}", layout::hash_bytes(text));
}

TEST(PolicyIndex, NoNameAndUnlimitedStandForNoLimit) {
  const PolicyIndex index;
  EXPECT_EQ(index.find({kTenant, PolicyLevel::Advanced, ""}), 0U);
  EXPECT_EQ(index.find({kTenant, PolicyLevel::Application, "Unlimited"}), 0U);
}

TEST(PolicyIndex, ANameBelongsToItsTenantAndLevel) {
  const model::Catalog catalog = support::empty_catalog();
  const PolicyIndex index(catalog.policies);
  EXPECT_EQ(index.find({kTenant, PolicyLevel::Subscription, "Gold"}),
            support::policy_id(catalog, PolicyLevel::Subscription, "Gold"));
  EXPECT_EQ(index.find({kTenant, PolicyLevel::Advanced, "Gold"}).error(),
            "the advanced policy 'Gold' does not exist");
  EXPECT_EQ(index.find({"foo.com", PolicyLevel::Subscription, "Gold"}).error(),
            "the subscription policy 'Gold' does not exist");
}

TEST(PolicyIndex, APolicyThatIsNotEnforcedIsNamedWithTheReason) {
  const PolicyIndex index(support::empty_catalog().policies);
  EXPECT_EQ(index.find({kTenant, PolicyLevel::Subscription, "AsyncGold"}).error(),
            "the subscription policy 'AsyncGold' cannot be used: it counts events; gateways only "
            "enforce limits that count requests so far");
}

TEST(WhyNotEnforced, EveryReason) {
  model::ThrottlePolicy policy;
  EXPECT_EQ(why_not_enforced(policy), "");
  policy.limit = {.kind = model::QuotaKind::Bytes, .count = 1};
  EXPECT_THAT(why_not_enforced(policy), HasSubstr("it counts bytes"));
  policy.limit = {.count = 5, .unit_time = 0};
  EXPECT_EQ(why_not_enforced(policy), "its unit time is 0");
  policy.limit = {.count = 5, .unit_time = 101, .unit = model::TimeUnit::Year};
  EXPECT_EQ(why_not_enforced(policy), "its time window is longer than 100 years");
  policy.limit = {.count = 5};
  policy.burst = {.count = 5, .unit = model::TimeUnit::Hour};
  EXPECT_EQ(why_not_enforced(policy), "its burst limit is not per second or per minute");
  policy.burst = {.kind = model::QuotaKind::AiTokens, .count = 5};
  EXPECT_THAT(why_not_enforced(policy), HasSubstr("burst limit: it counts AI tokens"));
  policy.burst = {};
  policy.groups.resize(1);
  EXPECT_THAT(why_not_enforced(policy), HasSubstr("conditional groups"));
}

TEST(Limits, PoliciesThatAreNotEnforcedAreLeftOut) {
  const nlohmann::json policies = support::dumped(support::empty_catalog())["policies"];
  std::vector<std::string> names;
  for (const auto& row : policies) names.push_back(row["name"]);
  EXPECT_THAT(names, testing::Contains("Gold"));
  EXPECT_THAT(names, testing::Contains("AsyncUnlimited"));
  EXPECT_THAT(names, testing::Not(testing::Contains("AsyncGold")));
  EXPECT_THAT(names, testing::Not(testing::Contains("AIGold")));
}

TEST(Limits, AStandingPolicyThatIsLeftOutIsNamed) {
  model::Catalog catalog = support::empty_catalog();
  std::vector<Finding> findings;
  build_limits(catalog.policies, {}, findings);
  EXPECT_THAT(findings, IsEmpty());
  for (const char* name : {"Unauthenticated", "DefaultSubscriptionless"}) {
    const uint32_t id = support::policy_id(catalog, PolicyLevel::Subscription, name);
    catalog.policies.at(id).limit.kind = model::QuotaKind::Bytes;
  }
  build_limits(catalog.policies, {}, findings);
  std::vector<std::string> places;
  for (const Finding& finding : findings) places.push_back(finding.where);
  EXPECT_THAT(places, testing::UnorderedElementsAre("subscription policy Unauthenticated",
                                                    "subscription policy DefaultSubscriptionless"));
  EXPECT_THAT(findings[0].message, HasSubstr("it counts bytes"));
}

TEST(Limits, DenyConditionsAreSortedAndMerged) {
  model::Catalog catalog = support::empty_catalog();
  catalog.denies = {support::deny(Kind::Api, "/pizza/1.0.0"),
                    support::deny(Kind::Application, "alice:app1"),
                    support::deny(Kind::User, "eve"),
                    support::deny(Kind::User, "eve@carbon.super"),
                    support::deny(Kind::Ip, "10.0.0.2"),
                    support::deny(Kind::IpRange, "10.0.0.3", "10.0.0.9"),
                    support::deny(Kind::Ip, "2001:db8::/32"),
                    support::deny(Kind::Ip, "192.0.2.1")};
  catalog.denies.back().enabled = false;
  const nlohmann::json deny = support::dumped(catalog)["deny"];
  EXPECT_EQ(deny["apis"], nlohmann::json({hash_text("/pizza/1.0.0")}));
  EXPECT_EQ(deny["applications"], nlohmann::json({hash_text("alice:app1")}));
  EXPECT_EQ(deny["users"], nlohmann::json({hash_text("eve@carbon.super")}));
  EXPECT_EQ(deny["addresses"],
            nlohmann::json(
                {"10.0.0.2 - 10.0.0.9", "2001:db8:: - 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"}));
  EXPECT_THAT(deny["outside"], IsEmpty());
}

TEST(Limits, InvertedRangesBecomeWhatLiesInAllOfThem) {
  model::Catalog catalog = support::empty_catalog();
  for (const char* first : {"10.0.0.0", "10.0.0.128"}) {
    catalog.denies.push_back(support::deny(Kind::IpRange, first, "10.0.1.0"));
    catalog.denies.back().inverted = true;
  }
  EXPECT_EQ(support::dumped(catalog)["deny"]["outside"], nlohmann::json({"10.0.0.128 - 10.0.1.0"}));
}

TEST(Limits, ADenyConditionThatCannotBeReadIsReported) {
  const auto why_not = [](Kind kind, const std::string& value, const std::string& last = "") {
    const std::vector<Finding> findings = check_deny(support::deny(kind, value, last));
    return findings.empty() ? "" : findings[0].message;
  };
  EXPECT_EQ(why_not(Kind::Ip, "10.0.0"), "'10.0.0' is not an IP address or a CIDR range");
  EXPECT_EQ(why_not(Kind::IpRange, "10.0.0.9", "10.0.0.1"),
            "'10.0.0.9' to '10.0.0.1' is not a range of IP addresses, lowest first");
  EXPECT_EQ(why_not(Kind::User, " "), "has an empty value");
  EXPECT_EQ(why_not(Kind::Application, "app"), "'app' is not of the form owner:application");
  EXPECT_EQ(why_not(Kind::Application, "alice:app"), "");
  model::Catalog catalog = support::empty_catalog();
  catalog.denies = {support::deny(Kind::Ip, "nonsense"), support::deny(Kind::Ip, "10.0.0.1")};
  const Compiled compiled = compile(catalog, {});
  EXPECT_THAT(support::lines_of(compiled.report.findings),
              ElementsAre("deny condition deny-nonsense: 'nonsense' is not an IP address or a CIDR "
                          "range"));
  EXPECT_THAT(support::dumped(catalog)["deny"]["addresses"], SizeIs(1));
}

}  // namespace
}  // namespace apim::compile
