// The catalog: what was written, and what a refresh makes of it.

#include "store/catalog.h"

#include <random>

#include "controller/store/support_store.h"
#include "store/api_keys.h"
#include "store/apis.h"
#include "store/applications.h"
#include "store/denies.h"
#include "store/deployments.h"
#include "store/environments.h"
#include "store/lifecycles.h"
#include "store/policies.h"
#include "store/revisions.h"
#include "store/subscriptions.h"

namespace apim::store {
namespace {

std::string dump_catalog(const model::Catalog& catalog) {
  std::string text = catalog.environment + " " + std::to_string(catalog.epoch) + "\n";
  for (const auto& [id, deployed] : catalog.apis) {
    text += std::to_string(id) + " revision " + std::to_string(deployed.revision_number);
    for (const std::string& vhost : deployed.vhosts) text += " " + vhost;
    text += " " + store::dump(deployed.api) + "\n";
  }
  for (const auto& [id, why] : catalog.unreadable) text += std::to_string(id) + " " + why + "\n";
  for (const auto& [id, application] : catalog.applications) {
    text += store::dump(application) + "\n";
  }
  for (const auto& [id, list] : catalog.subscriptions) {
    for (const auto& subscription : list) text += store::dump(subscription) + "\n";
  }
  for (const auto& [id, list] : catalog.keys) {
    for (const auto& key : list) text += store::dump(key) + "\n";
  }
  for (const auto& [id, policy] : catalog.policies) text += store::dump(policy) + "\n";
  for (const auto& deny : catalog.denies) text += store::dump(deny) + "\n";
  return text;
}

class CatalogTest : public StoreTest {
 protected:
  model::Catalog load(const std::string& environment = "Default") {
    return read([&](Transaction& tx) { return catalog::load(tx, environment); });
  }
  // As the publisher does.
  void refresh(model::Catalog& catalog) {
    read([&](Transaction& tx) -> Result<void> {
      ASSIGN_OR_REFUSE(const auto changes, catalog::changes_since(tx, catalog.epoch));
      return catalog::refresh(tx, catalog, changes);
    });
  }
  model::Api deployed(const std::string& name, const std::string& version = "1.0.0") {
    return write([&](Transaction& tx) -> Result<model::Api> {
      ASSIGN_OR_REFUSE(const auto api, apis::insert(tx, sample_api(name, version)));
      CHECK_OR_REFUSE(deploy(tx, api.uuid, "Default"));
      return api;
    });
  }
  static Result<void> deploy(Transaction& tx, const std::string& api_uuid,
                             const std::string& environment) {
    ASSIGN_OR_REFUSE(const auto revision, revisions::create(tx, kTenant, api_uuid, "", "admin"));
    CHECK_OR_REFUSE(deployments::deploy(
        tx, kTenant, api_uuid, revision.uuid,
        {{.api_uuid = "", .revision_uuid = "", .environment = environment, .vhost = ""}}));
    return {};
  }
};
INSTANTIATE_TEST_SUITE_P(, CatalogTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(CatalogTest, HoldsWhatWasWritten) {
  const model::Api api = deployed("pizza");
  const auto application =
      write([](Transaction& tx) { return applications::insert(tx, sample_application("shop")); });
  const auto subscription = write([&](Transaction& tx) {
    return subscriptions::insert(tx, kTenant, sample_subscription(api, application));
  });
  const auto key = write([&](Transaction& tx) {
    return api_keys::insert(tx, kTenant, sample_key(application, "main", 1));
  });
  const auto policy = write([](Transaction& tx) {
    return policies::insert(tx, sample_policy(model::PolicyLevel::Advanced, "mine"));
  });
  model::DenyCondition condition;
  condition.value = "/pizza/1.0.0";
  const auto deny = write([&](Transaction& tx) { return denies::insert(tx, condition); });

  const model::Catalog catalog = load();
  EXPECT_EQ(catalog.epoch, read([](Transaction& tx) { return tx.epoch(); }));
  ASSERT_EQ(catalog.apis.size(), 1u);
  const model::DeployedApi& deployed_api = catalog.apis.at(api.id);
  EXPECT_EQ(store::dump(deployed_api.api), store::dump(api));
  EXPECT_EQ(deployed_api.revision_number, 1u);
  EXPECT_EQ(deployed_api.vhosts, std::vector<std::string>{"localhost"});
  EXPECT_EQ(store::dump(catalog.applications.at(application.id)), store::dump(application));
  ASSERT_EQ(catalog.subscriptions.at(application.id).size(), 1u);
  EXPECT_EQ(store::dump(catalog.subscriptions.at(application.id)[0]), store::dump(subscription));
  ASSERT_EQ(catalog.keys.at(application.id).size(), 1u);
  EXPECT_EQ(store::dump(catalog.keys.at(application.id)[0]), store::dump(key));
  EXPECT_EQ(store::dump(catalog.policies.at(policy.id)), store::dump(policy));
  ASSERT_EQ(catalog.denies.size(), 1u);
  EXPECT_EQ(store::dump(catalog.denies[0]), store::dump(deny));
}

TEST_P(CatalogTest, ShowsTheRevisionAndTheLiveState) {
  model::Api api = deployed("pizza");
  api.description = "edited after deployment";
  write([&](Transaction& tx) { return apis::update(tx, api); });
  write([&](Transaction& tx) {
    return lifecycles::move(tx, kTenant, api.uuid, model::Lifecycle::Blocked, "carol");
  });
  const model::Api served = load().apis.at(api.id).api;
  EXPECT_EQ(served.description, "All about pizza");
  EXPECT_EQ(served.lifecycle, model::Lifecycle::Blocked);
}

TEST_P(CatalogTest, AnUnreadableRevisionIsNamedAndBlocksNobody) {
  const model::Api good = deployed("pizza");
  const model::Api bad = deployed("burger");
  write([&](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(tx.run("UPDATE am_revision SET document = '{\"name\":1}' WHERE api_id = ?",
                           {int64_t{bad.id}}));
    return tx.changed(model::Change::Kind::Api, bad.id);
  });
  const model::Catalog catalog = load();
  EXPECT_TRUE(catalog.apis.contains(good.id));
  EXPECT_FALSE(catalog.apis.contains(bad.id));
  EXPECT_NE(catalog.unreadable.at(bad.id).find("'burger'"), std::string::npos);
}

// Property: after any edits, refreshing a catalog of any age equals loading it anew.
class Editor {
 public:
  Editor(Store& store, uint32_t seed) : store_(store), random_(seed) {}

  void edit() {
    const auto outcome = store_.write([&](Transaction& tx) -> Result<void> {
      const uint32_t edits = 1 + below(2);
      for (uint32_t i = 0; i < edits; ++i) {
        // A refusal by rule (in use, taken) is part of the game.
        if (auto done = one(tx); !done && done.error().http_status >= 500) return done;
      }
      return {};
    });
    if (!outcome) throw std::runtime_error(outcome.error().description);
  }

 private:
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  std::string letter() { return std::string(1, static_cast<char>('a' + below(5))); }

  Result<model::Api> some_api(Transaction& tx) {
    ASSIGN_OR_REFUSE(const auto all, apis::list(tx, kTenant, {.page = {.limit = 100}}));
    if (all.items.empty()) return model::refuse(model::not_found(0, "any API"));
    return all.items[below(static_cast<uint32_t>(all.items.size()))];
  }
  Result<model::Application> some_application(Transaction& tx) {
    ASSIGN_OR_REFUSE(const auto all, applications::list(tx, kTenant, {.page = {.limit = 100}}));
    if (all.items.empty()) return model::refuse(model::not_found(0, "any application"));
    return all.items[below(static_cast<uint32_t>(all.items.size()))];
  }

  Result<void> edit_api(Transaction& tx) {
    switch (below(6)) {
      case 0: {
        model::Api api = sample_api(letter(), std::to_string(below(3)));
        api.is_default_version = below(2) == 0;
        CHECK_OR_REFUSE(apis::insert(tx, api));
        return {};
      }
      case 1: {
        ASSIGN_OR_REFUSE(const auto api, some_api(tx));
        return apis::remove(tx, kTenant, api.uuid);
      }
      case 2: {
        ASSIGN_OR_REFUSE(const auto api, some_api(tx));
        CHECK_OR_REFUSE(deployments::undeploy(tx, kTenant, api.uuid, {}));
        return {};
      }
      case 3: {
        ASSIGN_OR_REFUSE(const auto api, some_api(tx));
        return lifecycles::move(
            tx, kTenant, api.uuid,
            below(2) == 0 ? model::Lifecycle::Published : model::Lifecycle::Blocked, "carol");
      }
      default: {
        ASSIGN_OR_REFUSE(auto api, some_api(tx));
        api.description = "edit " + std::to_string(below(1000));
        CHECK_OR_REFUSE(apis::update(tx, api));
        ASSIGN_OR_REFUSE(const auto revision,
                         revisions::create(tx, kTenant, api.uuid, "", "admin"));
        CHECK_OR_REFUSE(deployments::deploy(tx, kTenant, api.uuid, revision.uuid,
                                            {{.api_uuid = "",
                                              .revision_uuid = "",
                                              .environment = below(3) == 0 ? "Europe" : "Default",
                                              .vhost = ""}}));
        return {};
      }
    }
  }

  Result<void> edit_consumer(Transaction& tx) {
    switch (below(6)) {
      case 0: {
        CHECK_OR_REFUSE(applications::insert(tx, sample_application(letter(), letter())));
        return {};
      }
      case 1: {
        ASSIGN_OR_REFUSE(const auto application, some_application(tx));
        return applications::remove(tx, kTenant, application.uuid);
      }
      case 2: {
        ASSIGN_OR_REFUSE(const auto application, some_application(tx));
        CHECK_OR_REFUSE(api_keys::insert(
            tx, kTenant, sample_key(application, letter(), static_cast<uint8_t>(below(250)))));
        return {};
      }
      case 3: {
        ASSIGN_OR_REFUSE(const auto application, some_application(tx));
        ASSIGN_OR_REFUSE(const auto keys, api_keys::list(tx, kTenant, application.uuid, {}));
        if (keys.empty()) return {};
        return api_keys::remove(tx, kTenant, keys[0].uuid);
      }
      case 4: {
        ASSIGN_OR_REFUSE(const auto all,
                         subscriptions::list(tx, kTenant, {.page = {.limit = 100}}));
        if (all.items.empty()) return {};
        auto subscription = all.items[below(static_cast<uint32_t>(all.items.size()))];
        if (below(2) == 0) return subscriptions::remove(tx, kTenant, subscription.uuid);
        subscription.state = model::SubscriptionState::Blocked;
        CHECK_OR_REFUSE(subscriptions::update(tx, kTenant, subscription));
        return {};
      }
      default: {
        ASSIGN_OR_REFUSE(const auto application, some_application(tx));
        ASSIGN_OR_REFUSE(const auto api, some_api(tx));
        CHECK_OR_REFUSE(subscriptions::insert(tx, kTenant, sample_subscription(api, application)));
        return {};
      }
    }
  }

  Result<void> edit_policy(Transaction& tx) {
    const auto level = static_cast<model::PolicyLevel>(below(3));
    const std::string name = "p" + letter();
    ASSIGN_OR_REFUSE(auto known, policies::find_by_name(tx, kTenant, level, name));
    if (!known) {
      CHECK_OR_REFUSE(policies::insert(tx, sample_policy(level, name)));
      return {};
    }
    if (below(2) == 0) return policies::remove(tx, kTenant, level, known->uuid);
    known->limit.count = below(100);
    CHECK_OR_REFUSE(policies::update(tx, *known));
    return {};
  }

  Result<void> edit_deny(Transaction& tx) {
    ASSIGN_OR_REFUSE(const auto known, denies::list(tx, kTenant));
    if (!known.empty() && below(2) == 0) return denies::remove(tx, kTenant, known[0].uuid);
    model::DenyCondition condition;
    condition.value = "/" + letter();
    CHECK_OR_REFUSE(denies::insert(tx, condition));
    return {};
  }

  Result<void> one(Transaction& tx) {
    switch (below(8)) {
      case 0: return edit_policy(tx);
      case 1: return edit_deny(tx);
      case 2:
      case 3:
      case 4: return edit_consumer(tx);
      default: return edit_api(tx);
    }
  }

  Store& store_;
  std::minstd_rand random_;
};

TEST_P(CatalogTest, ARefreshEqualsAFullLoad) {
  write([](Transaction& tx) {
    return environments::insert(tx, kTenant,
                                {.uuid = "",
                                 .name = "Europe",
                                 .display_name = "",
                                 .description = "",
                                 .vhosts = {"eu.example"}});
  });
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    Editor editor(*store_, seed);
    model::Catalog fresh = load();
    model::Catalog europe = load("Europe");
    for (int step = 0; step < 40; ++step) {
      editor.edit();
      refresh(fresh);
      ASSERT_EQ(dump_catalog(fresh), dump_catalog(load())) << "step " << step;
      if (step % 7 == 0) {  // one that looks seldom
        refresh(europe);
        ASSERT_EQ(dump_catalog(europe), dump_catalog(load("Europe"))) << "step " << step;
      }
    }
  }
}

TEST_P(CatalogTest, ARefreshOverTrimmedChangesStillEqualsAFullLoad) {
  model::Catalog catalog = load();
  deployed("pizza");
  deployed("burger");
  write([](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(tx.run("DELETE FROM apim_outbox"));
    CHECK_OR_REFUSE(
        tx.run("UPDATE apim_sequence SET value = (SELECT value FROM apim_sequence "
               "WHERE name = 'epoch') WHERE name = 'outbox_trimmed'"));
    return {};
  });
  refresh(catalog);
  EXPECT_EQ(dump_catalog(catalog), dump_catalog(load()));
  EXPECT_EQ(catalog.apis.size(), 2u);
}

}  // namespace
}  // namespace apim::store
