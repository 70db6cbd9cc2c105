// Which revision serves where.

#include "store/deployments.h"

#include "controller/store/support_store.h"
#include "store/apis.h"
#include "store/catalog.h"
#include "store/environments.h"
#include "store/outbox.h"
#include "store/revisions.h"

namespace apim::store {
namespace {

model::Deployment target(const std::string& environment, const std::string& vhost = "") {
  return {.api_uuid = "", .revision_uuid = "", .environment = environment, .vhost = vhost};
}

class DeploymentsTest : public StoreTest {
 protected:
  void SetUp() override {
    write([](Transaction& tx) {
      return environments::insert(tx, kTenant,
                                  {.uuid = "",
                                   .name = "Europe",
                                   .display_name = "",
                                   .description = "",
                                   .vhosts = {"eu.example", "api.eu.example"}});
    });
  }
  model::Api add(const std::string& name, const std::string& version, bool is_default = false) {
    model::Api api = sample_api(name, version);
    api.is_default_version = is_default;
    return write([&](Transaction& tx) { return apis::insert(tx, api); });
  }
  model::Revision revise(const model::Api& api) {
    return write(
        [&](Transaction& tx) { return revisions::create(tx, kTenant, api.uuid, "", "admin"); });
  }
  void deploy(const model::Api& api, const model::Revision& revision,
              const std::vector<model::Deployment>& targets) {
    write([&](Transaction& tx) {
      return deployments::deploy(tx, kTenant, api.uuid, revision.uuid, targets);
    });
  }
  std::string places_of(const model::Api& api) {
    std::string text;
    for (const auto& at :
         read([&](Transaction& tx) { return deployments::list(tx, kTenant, api.uuid); })) {
      text += at.environment + "/" + at.vhost + "=" + at.revision_uuid + " ";
    }
    return text;
  }
  bool serves_default(const model::Api& api, const std::string& environment = "Default") {
    const auto catalog = read([&](Transaction& tx) { return catalog::load(tx, environment); });
    return catalog.apis.at(api.id).api.is_default_version;
  }
};
INSTANTIATE_TEST_SUITE_P(, DeploymentsTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(DeploymentsTest, TheDefaultVhostIsFilledIn) {
  const model::Api api = add("pizza", "1.0.0");
  const model::Revision revision = revise(api);
  const auto stored = write([&](Transaction& tx) {
    return deployments::deploy(tx, kTenant, api.uuid, revision.uuid, {target("Europe")});
  });
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].vhost, "eu.example");
  EXPECT_EQ(stored[0].deployed_ms, now_ms_);
  EXPECT_EQ(places_of(api), "Europe/eu.example=" + revision.uuid + " ");
}

TEST_P(DeploymentsTest, ANewRevisionReplacesTheOldOneThereAndOnlyThere) {
  const model::Api api = add("pizza", "1.0.0");
  const model::Revision first = revise(api);
  const model::Revision second = revise(api);
  deploy(api, first, {target("Default"), target("Europe"), target("Europe", "api.eu.example")});
  deploy(api, second, {target("Europe", "api.eu.example")});
  EXPECT_EQ(places_of(api),
            "Default/localhost=" + first.uuid + " Europe/api.eu.example=" + second.uuid + " ");
}

TEST_P(DeploymentsTest, WhatDoesNotExistIsNamed) {
  const model::Api api = add("pizza", "1.0.0");
  const model::Revision revision = revise(api);
  const auto problem_with = [&](const std::string& revision_uuid, const model::Deployment& where) {
    return refusal([&](Transaction& tx) {
      return deployments::deploy(tx, kTenant, api.uuid, revision_uuid, {where});
    });
  };
  Problem problem = problem_with(revision.uuid, target("Mars"));
  EXPECT_EQ(problem.http_status, 404);
  EXPECT_EQ(problem.code, 900506);
  EXPECT_NE(problem.description.find("'Mars'"), std::string::npos);
  problem = problem_with(revision.uuid, target("Europe", "us.example"));
  EXPECT_EQ(problem.http_status, 400);
  EXPECT_NE(problem.description.find("it has: eu.example, api.eu.example"), std::string::npos);
  problem = problem_with("nothing", target("Default"));
  EXPECT_EQ(problem.code, 900347);
  EXPECT_EQ(places_of(api), "");
}

TEST_P(DeploymentsTest, UndeployTakesWhatIsAskedFor) {
  const model::Api api = add("pizza", "1.0.0");
  const model::Revision revision = revise(api);
  deploy(api, revision, {target("Default"), target("Europe")});
  const auto undeploy = [&](const deployments::Where& where) {
    return write(
               [&](Transaction& tx) { return deployments::undeploy(tx, kTenant, api.uuid, where); })
        .size();
  };
  EXPECT_EQ(undeploy({.revision_uuid = "other"}), 0u);
  EXPECT_EQ(undeploy({.revision_uuid = revision.uuid, .environment = "Europe"}), 1u);
  EXPECT_EQ(places_of(api), "Default/localhost=" + revision.uuid + " ");
  EXPECT_EQ(undeploy({}), 1u);
  EXPECT_EQ(places_of(api), "");
  const uint64_t epoch = read([](Transaction& tx) { return tx.epoch(); });
  EXPECT_EQ(undeploy({}), 0u);
  EXPECT_EQ(read([](Transaction& tx) { return tx.epoch(); }), epoch) << "nothing changed";
}

TEST_P(DeploymentsTest, TheNewestDeployedDefaultVersionAnswersForTheName) {
  const model::Api first = add("pizza", "1.0.0", true);
  deploy(first, revise(first), {target("Default"), target("Europe")});
  EXPECT_TRUE(serves_default(first));

  const model::Api second = add("pizza", "2.0.0", true);
  const model::Revision revision = revise(second);
  EXPECT_TRUE(serves_default(first)) << "until the other one is deployed";
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  deploy(second, revision, {target("Default")});
  EXPECT_FALSE(serves_default(first));
  EXPECT_TRUE(serves_default(second));
  EXPECT_TRUE(serves_default(first, "Europe")) << "another environment";

  const auto changes = read([&](Transaction& tx) { return outbox::changes_since(tx, before); });
  ASSERT_EQ(changes.size(), 2u) << "both APIs are told";
  EXPECT_EQ(changes[0].id, first.id);
  EXPECT_EQ(changes[1].id, second.id);
}

TEST_P(DeploymentsTest, ShowingInThePortalIsNoGatewaysBusiness) {
  const model::Api api = add("pizza", "1.0.0");
  const model::Revision revision = revise(api);
  deploy(api, revision, {target("Default")});
  model::Deployment hidden = target("Default", "localhost");
  hidden.api_uuid = api.uuid;
  hidden.shown_in_devportal = false;
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  write([&](Transaction& tx) { return deployments::show(tx, kTenant, hidden); });
  const auto rows = read(
      [&](Transaction& tx) { return deployments::list_of_revision(tx, kTenant, revision.uuid); });
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_FALSE(rows[0].shown_in_devportal);
  EXPECT_EQ(read([](Transaction& tx) { return tx.epoch(); }), before);
  hidden.vhost = "elsewhere";
  EXPECT_EQ(refusal([&](Transaction& tx) { return deployments::show(tx, kTenant, hidden); }).code,
            900356);
}

}  // namespace
}  // namespace apim::store
