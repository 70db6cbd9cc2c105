// Applications.

#include "store/applications.h"

#include "controller/store/support_store.h"
#include "store/api_keys.h"
#include "store/apis.h"
#include "store/outbox.h"
#include "store/subscriptions.h"

namespace apim::store {
namespace {

class ApplicationsTest : public StoreTest {
 protected:
  model::Application add(const std::string& name, const std::string& owner = "bob") {
    return write(
        [&](Transaction& tx) { return applications::insert(tx, sample_application(name, owner)); });
  }
  std::string search(const applications::Filter& filter) {
    const auto listing =
        read([&](Transaction& tx) { return applications::list(tx, kTenant, filter); });
    std::string text = std::to_string(listing.total) + ":";
    for (const auto& application : listing.items) text += " " + application.name;
    return text;
  }
};
INSTANTIATE_TEST_SUITE_P(, ApplicationsTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(ApplicationsTest, ComesBackAsItWentIn) {
  const model::Application made = add("shop");
  EXPECT_EQ(made.groups.size(), 2u);
  const auto found =
      read([&](Transaction& tx) { return applications::find(tx, kTenant, made.uuid); });
  EXPECT_EQ(dump(found), dump(made));
}

TEST_P(ApplicationsTest, AnOwnerHasANameOnce) {
  add("shop");
  add("shop", "carol");
  const Problem problem =
      refusal([](Transaction& tx) { return applications::insert(tx, sample_application("shop")); });
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_EQ(problem.code, 900301);
  EXPECT_NE(problem.description.find("'shop' of bob"), std::string::npos);
}

TEST_P(ApplicationsTest, AnUnknownPolicyIsNamed) {
  model::Application application = sample_application("shop");
  application.throttling_policy = "7PerMin";
  const Problem problem =
      refusal([&](Transaction& tx) { return applications::insert(tx, application); });
  EXPECT_EQ(problem.http_status, 400);
  EXPECT_NE(problem.description.find("'7PerMin'"), std::string::npos);
}

TEST_P(ApplicationsTest, AnUpdateReplacesListsAndMayChangeTheOwner) {
  model::Application application = add("shop");
  application.name = "store";
  application.owner = "carol";
  application.groups = {"x"};
  application.attributes.clear();
  const auto updated =
      write([&](Transaction& tx) { return applications::update(tx, application); });
  const auto found =
      read([&](Transaction& tx) { return applications::find(tx, kTenant, application.uuid); });
  EXPECT_EQ(dump(found), dump(updated));
  EXPECT_EQ(found.owner, "carol");
  EXPECT_EQ(found.groups, std::vector<std::string>{"x"});
  EXPECT_EQ(found.id, application.id);
}

TEST_P(ApplicationsTest, AnUpdateMayNotTakeATakenName) {
  add("shop");
  model::Application other = add("store");
  other.name = "shop";
  const auto rename = [&](Transaction& tx) { return applications::update(tx, other); };
  EXPECT_EQ(refusal(rename).http_status, 409);
}

TEST_P(ApplicationsTest, ListsPagesOrdersAndFilters) {
  for (const char* name : {"delta", "Alpha", "charlie", "bravo"}) add(name);
  add("zulu", "carol");
  EXPECT_EQ(search({}), "5: Alpha bravo charlie delta zulu");
  EXPECT_EQ(search({.owner = "bob", .page = {.limit = 2, .offset = 1}}), "4: bravo charlie");
  EXPECT_EQ(search({.query = "LT"}), "1: delta");
  EXPECT_EQ(search({.owner = "bob", .descending = true}), "4: delta charlie bravo Alpha");
  EXPECT_EQ(search({.owner = "bob", .order = applications::Order::Created}),
            "4: delta Alpha charlie bravo");
  EXPECT_EQ(search({.owner = "nobody"}), "0:");
}

TEST_P(ApplicationsTest, RemovalTakesSubscriptionsAndKeysAlong) {
  const model::Application application = add("shop");
  write([&](Transaction& tx) -> Result<void> {
    ASSIGN_OR_REFUSE(const auto api, apis::insert(tx, sample_api("pizza")));
    CHECK_OR_REFUSE(subscriptions::insert(tx, kTenant, sample_subscription(api, application)));
    CHECK_OR_REFUSE(api_keys::insert(tx, kTenant, sample_key(application, "k", 1)));
    return {};
  });
  EXPECT_EQ(read([&](Transaction& tx) {
              return applications::count_subscriptions(tx, kTenant, application.uuid);
            }),
            1u);
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  write([&](Transaction& tx) { return applications::remove(tx, kTenant, application.uuid); });
  for (const char* table : {"am_application", "am_subscription", "am_api_key",
                            "am_application_attributes", "am_application_group_mapping"}) {
    EXPECT_EQ(read([&](Transaction& tx) {
                return tx.number("SELECT COUNT(*) FROM " + std::string(table));
              }),
              0)
        << table;
  }
  const auto changes = read([&](Transaction& tx) { return outbox::changes_since(tx, before); });
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].id, application.id);
  EXPECT_GT(add("shop").id, application.id) << "an id is never given twice";
}

TEST_P(ApplicationsTest, AnotherTenantSeesNothing) {
  const model::Application application = add("shop");
  const auto look = [&](Transaction& tx) {
    return applications::find(tx, "foo.com", application.uuid);
  };
  const Problem problem = refusal(look);
  EXPECT_EQ(problem.http_status, 404);
  EXPECT_EQ(problem.code, 900307);
}

}  // namespace
}  // namespace apim::store
