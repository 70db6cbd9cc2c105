#include "compile/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "compile/synthetic.h"
#include "controller/compile/support_catalog.h"

namespace apim::compile {
namespace {

using support::Files;
using support::kNow;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Options kOptions{.now_s = kNow};

std::vector<std::string> names_of(const std::vector<SegmentFile>& files) {
  std::vector<std::string> names;
  for (const SegmentFile& file : files) {
    names.push_back(std::string(to_text(file.ref.kind)) + "/" + std::to_string(file.ref.shard));
  }
  std::ranges::sort(names);
  return names;
}

model::Catalog small_catalog() {
  model::Catalog catalog = support::empty_catalog();
  catalog.apis[1] = support::pizza(1);
  catalog.apis[2] = support::pizza(2);
  catalog.applications[1] = support::application(1);
  catalog.subscriptions[1] = {support::subscription(1, 1)};
  catalog.keys[1] = {support::key(1, "one"), support::key(1, "two")};
  return catalog;
}

// Several shards of every sharded kind.
model::Catalog wide_catalog() {
  return synthetic_catalog(
      {.apis = 200, .operations_per_api = 4, .applications = 1'500, .keys = 9'000});
}

TEST(Compile, TheSameCatalogGivesTheSameBytes) {
  const Compiled one = compile(wide_catalog(), kOptions);
  const Compiled two = compile(wide_catalog(), kOptions);
  ASSERT_EQ(one.fresh.size(), two.fresh.size());
  for (size_t i = 0; i < one.fresh.size(); ++i) EXPECT_EQ(one.fresh[i].bytes, two.fresh[i].bytes);
  EXPECT_EQ(one.content, two.content);
}

TEST(Compile, EveryShardOfEveryKindIsNamedOnceAndInOrder) {
  const Compiled compiled = compile(wide_catalog(), kOptions);
  EXPECT_THAT(compiled.content.shard_bits,
              ElementsAre(ShardBits{layout::Kind::Routes, 0}, ShardBits{layout::Kind::Apis, 3},
                          ShardBits{layout::Kind::Limits, 0}, ShardBits{layout::Kind::Consumers, 2},
                          ShardBits{layout::Kind::Keys, 2}));
  EXPECT_THAT(compiled.content.segments, SizeIs(1 + 8 + 1 + 4 + 4));
  EXPECT_TRUE(std::ranges::is_sorted(compiled.content.segments, [](const auto& a, const auto& b) {
    return std::pair(a.kind, a.shard) < std::pair(b.kind, b.shard);
  }));
  EXPECT_EQ(compiled.fresh.size(), compiled.content.segments.size());
}

TEST(Compile, AnEmptyCatalogHasEverySegmentToo) {
  const Compiled compiled = compile(support::empty_catalog(), kOptions);
  EXPECT_THAT(compiled.content.segments, SizeIs(5));
  EXPECT_TRUE(compiled.report.empty());
}

TEST(Compile, AShardStaysBelowItsSize) {
  const Compiled compiled = compile(wide_catalog(), kOptions);
  for (const SegmentFile& file : compiled.fresh) EXPECT_LE(file.bytes.size(), 512U * 1'024);
}

TEST(Compile, ABadApiIsLeftOutAsAWholeAndTheOthersAreServed) {
  model::Catalog catalog = small_catalog();
  catalog.apis[1].api.operations.push_back(support::operation(model::Verb::Get, "/a/*/b"));
  const Compiled compiled = compile(catalog, kOptions);
  ASSERT_THAT(compiled.report.quarantined, SizeIs(1));
  EXPECT_EQ(compiled.report.quarantined[0].api, "pizza 1.0.0");
  EXPECT_THAT(to_text(compiled.report), HasSubstr("operations[1] (GET /a/*/b): its path a '*'"));
  const nlohmann::json dumped = support::dumped(catalog);
  ASSERT_THAT(dumped["apis"], SizeIs(1));
  EXPECT_EQ(dumped["apis"][0]["name"], "pizza2");
  ASSERT_THAT(dumped["routes"], SizeIs(1));
  EXPECT_EQ(dumped["routes"][0]["api"], 2);
}

TEST(Compile, OfTwoApisOnOneContextTheLaterIsLeftOut) {
  model::Catalog catalog = small_catalog();
  catalog.apis[2].api.context = catalog.apis[1].api.context;
  const Compiled compiled = compile(catalog, kOptions);
  ASSERT_THAT(compiled.report.quarantined, SizeIs(1));
  EXPECT_EQ(compiled.report.quarantined[0].api_id, 2U);
  EXPECT_THAT(
      to_text(compiled.report),
      HasSubstr("'/pizza/1.0.0' on vhost 'localhost' is already taken by API 'pizza 1.0.0'"));
}

TEST(Compile, AnApiComesBackWhenTheOneThatHadItsContextIsGone) {
  model::Catalog catalog = small_catalog();
  catalog.apis[2].api.context = catalog.apis[1].api.context;
  Compiler compiler;
  compiler.all(catalog, kOptions);
  catalog.apis.erase(1);
  const std::vector<model::Change> changes{{.kind = model::Change::Kind::Api, .id = 1}};
  const Compiled compiled = compiler.changes(catalog, changes, kOptions);
  EXPECT_TRUE(compiled.report.empty());
  EXPECT_EQ(compiled.content, compile(catalog, kOptions).content);
}

// ---- only what changed is written

class Touched : public testing::Test {
 protected:
  std::vector<std::string> after(model::Change::Kind kind, uint32_t id) {
    const std::vector<model::Change> changes{{.kind = kind, .id = id}};
    const Compiled compiled = compiler_.changes(catalog_, changes, kOptions);
    EXPECT_EQ(compiled.content, compile(catalog_, kOptions).content);
    return names_of(compiled.fresh);
  }

  Touched() : catalog_(wide_catalog()) { compiler_.all(catalog_, kOptions); }

  model::Catalog catalog_;
  Compiler compiler_;
};

TEST_F(Touched, NothingByNothing) {
  EXPECT_THAT(after(model::Change::Kind::Api, 5), IsEmpty());
  EXPECT_THAT(after(model::Change::Kind::Application, 5), IsEmpty());
  EXPECT_THAT(after(model::Change::Kind::Policy, 5), IsEmpty());
}

TEST_F(Touched, OneShardByARedeploy) {
  catalog_.apis[5].api.operations.push_back(support::operation(model::Verb::Get, "/new"));
  EXPECT_THAT(after(model::Change::Kind::Api, 5), ElementsAre("apis/5"));
}

TEST_F(Touched, RoutesTooByAChangedContext) {
  catalog_.apis[5].api.context = "/moved/1.0.0";
  EXPECT_THAT(after(model::Change::Kind::Api, 5), ElementsAre("apis/5", "routes/0"));
}

TEST_F(Touched, LimitsOnlyByAPolicysLimit) {
  const uint32_t id = support::policy_id(catalog_, model::PolicyLevel::Subscription, "Gold");
  catalog_.policies[id].limit.count = 123;
  EXPECT_THAT(after(model::Change::Kind::Policy, id), ElementsAre("limits/0"));
}

TEST_F(Touched, LimitsOnlyByADenyCondition) {
  catalog_.denies.push_back(support::deny(model::DenyCondition::Kind::User, "eve"));
  EXPECT_THAT(after(model::Change::Kind::Deny, 0), ElementsAre("limits/0"));
}

TEST_F(Touched, OneKeyShardByAKey) {
  const model::ApiKey key = support::key(7, "another");
  catalog_.keys[7].push_back(key);
  const uint32_t shard = layout::shard_of_digest(key.digest.data(), 2);
  EXPECT_THAT(after(model::Change::Kind::Application, 7),
              ElementsAre("keys/" + std::to_string(shard)));
}

TEST_F(Touched, OneConsumerShardByASubscription) {
  catalog_.subscriptions[7].push_back(support::subscription(7, 150));
  EXPECT_THAT(after(model::Change::Kind::Application, 7), ElementsAre("consumers/3"));
}

TEST_F(Touched, WhoeverRefersToAPolicyThatIsNoLongerEnforced) {
  const uint32_t id = support::policy_id(catalog_, model::PolicyLevel::Advanced, "10KPerMin");
  catalog_.policies[id].groups.push_back({});
  const std::vector<model::Change> changes{{.kind = model::Change::Kind::Policy, .id = id}};
  const Compiled compiled = compiler_.changes(catalog_, changes, kOptions);
  EXPECT_THAT(compiled.report.quarantined, SizeIs(200));
  EXPECT_EQ(compiled.content, compile(catalog_, kOptions).content);
}

TEST_F(Touched, AKeyShardByAKeyThatExpired) {
  catalog_.keys[7].push_back(support::key(7, "mortal"));
  catalog_.keys[7].back().expires_s = kNow + 10;
  EXPECT_THAT(after(model::Change::Kind::Application, 7), SizeIs(1));
  const Options later{.now_s = kNow + 10};
  const Compiled compiled = compiler_.changes(catalog_, {}, later);
  EXPECT_THAT(compiled.fresh, SizeIs(1));
  EXPECT_EQ(compiled.content, compile(catalog_, later).content);
}

// ---- change by change is the same as at once

class Edits {
 public:
  explicit Edits(uint32_t seed) : random_(seed) {}

  // Changes the catalog somehow and says what it touched.
  model::Change edit(model::Catalog& catalog) {
    switch (below(8)) {
      case 0: return edit_api(catalog);
      case 1: return remove_api(catalog);
      case 2: return edit_policy(catalog);
      case 3: return edit_deny(catalog);
      case 4: return remove_application(catalog);
      case 5: return edit_subscriptions(catalog);
      default: return edit_keys(catalog);
    }
  }

  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

 private:
  using Kind = model::Change::Kind;

  model::Change edit_api(model::Catalog& catalog) {
    const uint32_t id = 1 + below(80);
    model::DeployedApi deployed = support::pizza(id);
    // Few contexts, so that APIs fight for them; some APIs that cannot be compiled.
    deployed.api.context = "/context-" + std::to_string(below(40)) + "/1.0.0";
    deployed.api.context_template.clear();
    deployed.api.is_default_version = below(4) == 0;
    deployed.api.operations[0].target = below(10) == 0 ? "/{a}{b}" : "/menu-" + name();
    deployed.api.operations[0].throttling_policy = below(3) == 0 ? "10KPerMin" : "";
    if (below(5) == 0) deployed.api.throttling_policy = "no such policy";
    catalog.apis[id] = deployed;
    return {.kind = Kind::Api, .id = id};
  }

  model::Change remove_api(model::Catalog& catalog) {
    const uint32_t id = 1 + below(80);
    catalog.apis.erase(id);
    return {.kind = Kind::Api, .id = id};
  }

  model::Change edit_policy(model::Catalog& catalog) {
    const uint32_t id = 1 + below(30);
    model::ThrottlePolicy& policy = catalog.policies[id];
    policy.id = id;
    if (policy.name.empty()) policy.name = "policy-" + std::to_string(id);
    policy.limit = {.count = 1 + below(100)};
    policy.groups.resize(below(4) == 0 ? 1 : 0);
    return {.kind = Kind::Policy, .id = id};
  }

  model::Change edit_deny(model::Catalog& catalog) {
    catalog.denies.push_back(support::deny(model::DenyCondition::Kind::Ip,
                                           "10.0." + std::to_string(below(256)) + ".0/24"));
    if (below(3) == 0) catalog.denies.erase(catalog.denies.begin());
    return {.kind = Kind::Deny, .id = 0};
  }

  model::Change remove_application(model::Catalog& catalog) {
    const uint32_t id = 1 + below(1'200);
    catalog.applications.erase(id);
    catalog.subscriptions.erase(id);
    catalog.keys.erase(id);
    return {.kind = Kind::Application, .id = id};
  }

  model::Change edit_subscriptions(model::Catalog& catalog) {
    const uint32_t id = 1 + below(1'200);
    catalog.applications[id] = support::application(id);
    catalog.applications[id].throttling_policy = below(3) == 0 ? "50PerMin" : "Unlimited";
    const std::string tier = below(4) == 0 ? "AsyncGold" : "Gold";
    catalog.subscriptions[id].push_back(support::subscription(id, 1 + below(80), tier));
    return {.kind = Kind::Application, .id = id};
  }

  model::Change edit_keys(model::Catalog& catalog) {
    const uint32_t id = 1 + below(1'200);
    catalog.applications[id] = support::application(id);
    std::vector<model::ApiKey>& keys = catalog.keys[id];
    if (!keys.empty() && below(2) == 0) keys.pop_back();
    for (uint32_t n = below(12); n > 0; --n) {
      keys.push_back(support::key(id, name()));
      if (below(6) == 0) keys.back().expires_s = kNow + below(400);
      if (below(6) == 0) keys.back().permitted_ips = below(3) == 0 ? "nonsense" : "10.0.0.0/8";
    }
    return {.kind = Kind::Application, .id = id};
  }

  std::string name() { return std::to_string(counter_++); }

  std::minstd_rand random_;
  uint32_t counter_ = 0;
};

class IncrementalEqualsFull : public testing::TestWithParam<uint32_t> {};

TEST_P(IncrementalEqualsFull, ByteForByte) {
  Edits edits(GetParam() + 1);
  model::Catalog catalog = support::empty_catalog();
  for (uint32_t id = 1; id <= 1'000; ++id) {
    catalog.applications[id] = support::application(id);
    for (int n = 0; n < 4; ++n) {
      catalog.keys[id].push_back(support::key(id, std::to_string(id) + "/" + std::to_string(n)));
    }
  }
  Compiler compiler;
  Files files;
  int64_t now_s = kNow;
  files.add(compiler.all(catalog, {.now_s = now_s}));
  for (int round = 0; round < 40; ++round) {
    std::vector<model::Change> changes;
    for (uint32_t n = edits.below(6); n > 0; --n) changes.push_back(edits.edit(catalog));
    now_s += edits.below(10);
    const Compiled step = compiler.changes(catalog, changes, {.now_s = now_s});
    files.add(step);
    const Compiled full = compile(catalog, {.now_s = now_s});
    ASSERT_EQ(step.content, full.content) << "round " << round;
    ASSERT_EQ(to_text(step.report), to_text(full.report)) << "round " << round;
    // What is said to be there was handed out at some time, whole.
    ASSERT_THAT(verify_segments(step.content, files.reader()), IsEmpty()) << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, IncrementalEqualsFull, testing::Range(0U, 6U));

TEST(Compile, GrowingBeyondAShardReshardsTheKind) {
  model::Catalog catalog = support::empty_catalog();
  for (uint32_t id = 1; id <= 32; ++id) catalog.apis[id] = support::pizza(id);
  Compiler compiler;
  EXPECT_EQ(compiler.all(catalog, kOptions).content.shard_bits[1].bits, 0);
  catalog.apis[33] = support::pizza(33);
  const std::vector<model::Change> changes{{.kind = model::Change::Kind::Api, .id = 33}};
  const Compiled compiled = compiler.changes(catalog, changes, kOptions);
  EXPECT_EQ(compiled.content.shard_bits[1].bits, 1);
  EXPECT_EQ(compiled.content, compile(catalog, kOptions).content);
}

TEST(Compile, IdsMayBeFarApart) {
  model::Catalog catalog = support::empty_catalog();
  for (const uint32_t id : {1U, 4'000'000'000U}) catalog.apis[id] = support::pizza(id);
  EXPECT_THAT(support::dumped(catalog)["apis"], SizeIs(2));
}

}  // namespace
}  // namespace apim::compile
