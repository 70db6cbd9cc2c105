// Working copies.

#include "store/apis.h"

#include <thread>

#include "controller/store/support_store.h"
#include "store/applications.h"
#include "store/deployments.h"
#include "store/revisions.h"
#include "store/subscriptions.h"

namespace apim::store {
namespace {

class ApisTest : public StoreTest {
 protected:
  model::Api add(const model::Api& api) {
    return write([&](Transaction& tx) { return apis::insert(tx, api); });
  }
  Problem refusal_of(const model::Api& api) {
    return refusal([&](Transaction& tx) { return apis::insert(tx, api); });
  }
  Listing<model::Api> search(const apis::Filter& filter) {
    return read([&](Transaction& tx) { return apis::list(tx, kTenant, filter); });
  }
  std::string names_of(const Listing<model::Api>& listing) {
    std::string names;
    for (const model::Api& api : listing.items) names += api.name + " " + api.version + ",";
    return names;
  }
};
INSTANTIATE_TEST_SUITE_P(, ApisTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(ApisTest, ComesBackAsItWentIn) {
  const model::Api stored = add(sample_api("pizza"));
  EXPECT_GT(stored.id, 0u);
  EXPECT_FALSE(stored.uuid.empty());
  EXPECT_EQ(stored.created_ms, now_ms_);
  const model::Api found =
      read([&](Transaction& tx) { return apis::find(tx, kTenant, stored.uuid); });
  EXPECT_EQ(dump(found), dump(stored));
  EXPECT_EQ(found.definition, stored.definition);
  model::Api sample = sample_api("pizza");
  EXPECT_EQ(found.operations, sample.operations);
  EXPECT_EQ(found.scopes, sample.scopes);
  EXPECT_EQ(found.production, sample.production);
  EXPECT_EQ(found.tags, sample.tags);
  EXPECT_EQ(found.policies, sample.policies);
}

TEST_P(ApisTest, IsFoundByNameAndByContext) {
  const model::Api stored = add(sample_api("pizza"));
  const auto by_name =
      read([](Transaction& tx) { return apis::find_by_name(tx, kTenant, "pizza", "1.0.0"); });
  ASSERT_TRUE(by_name.has_value());
  EXPECT_EQ(by_name->uuid, stored.uuid);
  const auto by_context =
      read([](Transaction& tx) { return apis::find_by_context(tx, kTenant, "/pizza/1.0.0"); });
  ASSERT_TRUE(by_context.has_value());
  EXPECT_EQ(by_context->uuid, stored.uuid);
  EXPECT_FALSE(
      read([](Transaction& tx) { return apis::find_by_name(tx, kTenant, "pizza", "2.0.0"); }));
}

TEST_P(ApisTest, TheSameNameAndVersionIsRefusedByName) {
  add(sample_api("pizza"));
  model::Api again = sample_api("pizza");
  again.context = "/other/1.0.0";
  again.context_template = "/other";
  const Problem problem = refusal_of(again);
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_EQ(problem.code, 900250);
  EXPECT_NE(problem.description.find("API 'pizza' 1.0.0"), std::string::npos);
}

TEST_P(ApisTest, TheContextOfAnotherApiIsRefusedByName) {
  add(sample_api("pizza"));
  model::Api thief = sample_api("burger");
  thief.context = "/pizza/1.0.0";
  thief.context_template = "/pizza";
  Problem problem = refusal_of(thief);
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_EQ(problem.code, 900251);
  EXPECT_NE(problem.description.find("belongs to API 'pizza' 1.0.0"), std::string::npos);
  thief.version = "2.0.0";
  thief.context = "/pizza/2.0.0";
  problem = refusal_of(thief);
  EXPECT_EQ(problem.code, 900251) << "nor another version of it";
}

TEST_P(ApisTest, VersionsOfOneNameShareTheContext) {
  add(sample_api("pizza", "1.0.0"));
  add(sample_api("pizza", "2.0.0"));
  const auto versions = read([](Transaction& tx) { return apis::versions(tx, kTenant, "pizza"); });
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].version, "1.0.0");
}

TEST_P(ApisTest, TenantsDoNotSeeOrDisturbEachOther) {
  const model::Api ours = add(sample_api("pizza"));
  model::Api theirs = sample_api("pizza");
  theirs.tenant = "foo.com";
  theirs = add(theirs);
  EXPECT_NE(ours.id, theirs.id);
  const auto look = [&](Transaction& tx) { return apis::find(tx, kTenant, theirs.uuid); };
  EXPECT_EQ(refusal(look).http_status, 404);
  const auto erase = [&](Transaction& tx) { return apis::remove(tx, kTenant, theirs.uuid); };
  EXPECT_EQ(refusal(erase).http_status, 404);
  EXPECT_EQ(search({}).total, 1u);
}

TEST_P(ApisTest, AnUpdateKeepsIdentityAndLifecycle) {
  model::Api api = add(sample_api("pizza"));
  const int64_t created_ms = api.created_ms;
  now_ms_ += 1000;
  api.description = "Better pizza";
  api.operations.pop_back();
  api.lifecycle = model::Lifecycle::Published;
  const model::Api stored = write([&](Transaction& tx) { return apis::update(tx, api); });
  EXPECT_EQ(stored.lifecycle, model::Lifecycle::Created) << "only lifecycles::move changes it";
  EXPECT_EQ(stored.created_ms, created_ms);
  EXPECT_EQ(stored.updated_ms, now_ms_);
  const model::Api found = read([&](Transaction& tx) { return apis::find(tx, kTenant, api.uuid); });
  EXPECT_EQ(found.description, "Better pizza");
  EXPECT_EQ(found.operations.size(), 1u);
  EXPECT_EQ(dump(found), dump(stored));
}

TEST_P(ApisTest, AnUpdateMayNotTakeWhatIsTaken) {
  add(sample_api("pizza"));
  model::Api burger = add(sample_api("burger"));
  burger.name = "pizza";
  const auto rename = [&](Transaction& tx) { return apis::update(tx, burger); };
  EXPECT_EQ(refusal(rename).http_status, 409);
  burger.uuid = "nobody";
  EXPECT_EQ(refusal(rename).http_status, 404);
}

TEST_P(ApisTest, OnlyOneVersionIsTheDefault) {
  model::Api first = sample_api("pizza", "1.0.0");
  first.is_default_version = true;
  first = add(first);
  model::Api second = sample_api("pizza", "2.0.0");
  second.is_default_version = true;
  second = add(second);
  const auto is_default = [&](const std::string& uuid) {
    return read([&](Transaction& tx) { return apis::find(tx, kTenant, uuid); }).is_default_version;
  };
  EXPECT_FALSE(is_default(first.uuid));
  EXPECT_TRUE(is_default(second.uuid));
  second.is_default_version = false;
  write([&](Transaction& tx) { return apis::update(tx, second); });
  EXPECT_FALSE(is_default(second.uuid));
}

TEST_P(ApisTest, ListsInPagesWithTheTotal) {
  for (const char* name : {"delta", "alpha", "Charlie", "bravo", "echo"}) add(sample_api(name));
  const auto page = search({.page = {.limit = 2, .offset = 1}});
  EXPECT_EQ(page.total, 5u);
  EXPECT_EQ(names_of(page), "bravo 1.0.0,Charlie 1.0.0,");
  EXPECT_EQ(search({.page = {.limit = 2, .offset = 9}}).items.size(), 0u);
  EXPECT_EQ(search({.page = {.limit = 0, .offset = 0}}).total, 5u);
}

TEST_P(ApisTest, SearchesAsWso2Does) {
  model::Api pizza = sample_api("PizzaShack");
  pizza.provider = "carol";
  pizza.tags = {"Italian", "food"};
  add(pizza);
  add(sample_api("PizzaShack", "2.0.0"));
  add(sample_api("burger_bar"));
  const auto found = [&](const std::string& query) { return names_of(search({.query = query})); };
  EXPECT_EQ(found("name:pizza"), "PizzaShack 1.0.0,PizzaShack 2.0.0,");
  EXPECT_EQ(found("name:pizza version:2.0.0"), "PizzaShack 2.0.0,");
  EXPECT_EQ(found("context:/burger"), "burger_bar 1.0.0,");
  EXPECT_EQ(found("provider:carol"), "PizzaShack 1.0.0,");
  EXPECT_EQ(found("tag:italian"), "PizzaShack 1.0.0,");
  EXPECT_EQ(found("tag:ital"), "") << "a tag is matched as a whole";
  EXPECT_EQ(found("status:created").size(), found("").size());
  EXPECT_EQ(found("status:PUBLISHED"), "");
  EXPECT_EQ(found("r_b"), "burger_bar 1.0.0,") << "_ is no wildcard";
  EXPECT_EQ(found("rXb"), "");
  EXPECT_EQ(found("name:\"PizzaShack\" version:\"1.0.0\""), "PizzaShack 1.0.0,");
  EXPECT_EQ(search({.states = {model::Lifecycle::Published}}).total, 0u);
  EXPECT_EQ(search({.states = {model::Lifecycle::Published, model::Lifecycle::Created}}).total, 3u);
}

TEST_P(ApisTest, AnApiWithSubscriptionsStays) {
  const model::Api api = add(sample_api("pizza"));
  const auto subscription = write([&](Transaction& tx) -> Result<model::Subscription> {
    ASSIGN_OR_REFUSE(const auto application, applications::insert(tx, sample_application("shop")));
    return subscriptions::insert(tx, kTenant, sample_subscription(api, application));
  });
  const auto erase = [&](Transaction& tx) { return apis::remove(tx, kTenant, api.uuid); };
  const Problem problem = refusal(erase);
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_NE(problem.description.find("'pizza'"), std::string::npos);
  write([&](Transaction& tx) { return subscriptions::remove(tx, kTenant, subscription.uuid); });
  write(erase);
  EXPECT_EQ(search({}).total, 0u);
}

TEST_P(ApisTest, RemovalTakesEverythingAlongAndTellsGateways) {
  const model::Api api = add(sample_api("pizza"));
  write([&](Transaction& tx) -> Result<void> {
    ASSIGN_OR_REFUSE(const auto revision, revisions::create(tx, kTenant, api.uuid, "", "admin"));
    CHECK_OR_REFUSE(deployments::deploy(
        tx, kTenant, api.uuid, revision.uuid,
        {{.api_uuid = "", .revision_uuid = "", .environment = "Default", .vhost = ""}}));
    return {};
  });
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  write([&](Transaction& tx) { return apis::remove(tx, kTenant, api.uuid); });
  EXPECT_EQ(read([](Transaction& tx) { return tx.epoch(); }), before + 1);
  for (const char* table : {"am_api", "am_api_url_mapping", "am_api_resource_scope_mapping",
                            "am_scope", "am_scope_binding", "apim_api_tag", "apim_api_plan",
                            "am_revision", "am_deployment_revision_mapping", "am_api_lc_event"}) {
    EXPECT_EQ(read([&](Transaction& tx) {
                return tx.number("SELECT COUNT(*) FROM " + std::string(table));
              }),
              0)
        << table;
  }
  EXPECT_GT(add(sample_api("pizza")).id, api.id) << "an id is never given twice";
}

TEST_P(ApisTest, ADocumentThatNoLongerReadsIsListedButNotOpened) {
  const model::Api api = add(sample_api("pizza"));
  write([&](Transaction& tx) { return tx.run("UPDATE am_api SET document = '{]'"); });
  const auto listing = search({});
  ASSERT_EQ(listing.items.size(), 1u);
  EXPECT_EQ(listing.items[0].name, "pizza");
  EXPECT_EQ(listing.items[0].context, "/pizza/1.0.0");
  const Problem problem =
      refusal([&](Transaction& tx) { return apis::find(tx, kTenant, api.uuid); });
  EXPECT_EQ(problem.http_status, 500);
  EXPECT_NE(problem.description.find("'pizza' 1.0.0"), std::string::npos);
}

TEST_P(ApisTest, OfTwoControllersInsertingTheSameOneWins) {
  std::atomic<int> won = 0;
  std::atomic<int> conflicts = 0;
  const auto work = [&] {
    const auto database = must(Database::open(settings_of(url_)));
    for (int i = 0; i < 20; ++i) {
      const auto outcome = database->write([&](Transaction& tx) {
        return apis::insert(tx, sample_api("pizza" + std::to_string(i)));
      });
      if (outcome) {
        ++won;
      } else if (outcome.error().http_status == 409 && outcome.error().code == 900250) {
        ++conflicts;
      }
    }
  };
  std::thread first(work);
  std::thread second(work);
  first.join();
  second.join();
  EXPECT_EQ(won, 20);
  EXPECT_EQ(conflicts, 20);
}

}  // namespace
}  // namespace apim::store
