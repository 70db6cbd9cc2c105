// An API's rows for searches and in-use checks.

#include "store/projection.h"

#include "controller/store/support_store.h"
#include "store/apis.h"
#include "store/revisions.h"

namespace apim::store {
namespace {

class ProjectionTest : public StoreTest {
 protected:
  int64_t count(const std::string& sql) {
    return read([&](Transaction& tx) { return tx.number("SELECT COUNT(*) FROM " + sql); });
  }
};
INSTANTIATE_TEST_SUITE_P(, ProjectionTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(ProjectionTest, OperationsScopesTagsAndPlansAreRows) {
  write([](Transaction& tx) { return apis::insert(tx, sample_api("pizza")); });
  EXPECT_EQ(count("am_api_url_mapping WHERE revision_uuid = ''"), 2);
  EXPECT_EQ(count("am_api_url_mapping WHERE http_method = 'GET' AND auth_scheme = 'Any' AND "
                  "url_pattern = '/order/{id}' AND throttling_tier = '10KPerMin'"),
            1);
  EXPECT_EQ(count("am_api_url_mapping WHERE http_method = 'POST' AND auth_scheme = 'None'"), 1);
  EXPECT_EQ(count("am_api_resource_scope_mapping WHERE scope_name = 'read'"), 1);
  EXPECT_EQ(count("am_scope WHERE name = 'read' AND scope_type = 'API'"), 1);
  EXPECT_EQ(count("am_scope_binding WHERE scope_binding = 'admin'"), 1);
  EXPECT_EQ(count("apim_api_tag WHERE tag = 'food'"), 1);
  EXPECT_EQ(count("apim_api_plan WHERE policy_level = 'subscription'"), 2);
}

TEST_P(ProjectionTest, AnUpdateReplacesThem) {
  model::Api api = write([](Transaction& tx) { return apis::insert(tx, sample_api("pizza")); });
  api.operations.erase(api.operations.begin());
  api.scopes.clear();
  api.tags = {"drinks"};
  api.policies = {"Gold"};
  api.throttling_policy = "20KPerMin";
  write([&](Transaction& tx) { return apis::update(tx, api); });
  EXPECT_EQ(count("am_api_url_mapping"), 1);
  EXPECT_EQ(count("am_api_resource_scope_mapping"), 0);
  EXPECT_EQ(count("am_scope"), 0);
  EXPECT_EQ(count("apim_api_tag WHERE tag = 'drinks'"), 1);
  EXPECT_EQ(count("apim_api_tag"), 1);
  EXPECT_EQ(count("apim_api_plan WHERE policy_level = 'advanced' AND tier = '20KPerMin'"), 1);
}

TEST_P(ProjectionTest, ARevisionHasItsOwnUntilItGoes) {
  const model::Api api =
      write([](Transaction& tx) { return apis::insert(tx, sample_api("pizza")); });
  const auto revision =
      write([&](Transaction& tx) { return revisions::create(tx, kTenant, api.uuid, "", "admin"); });
  EXPECT_EQ(count("am_api_url_mapping"), 4);
  EXPECT_EQ(count("am_scope"), 1) << "definitions belong to the working copy";
  write([&](Transaction& tx) { return revisions::remove(tx, kTenant, api.uuid, revision.uuid); });
  EXPECT_EQ(count("am_api_url_mapping"), 2);
  EXPECT_EQ(count("apim_api_plan"), 2);
}

}  // namespace
}  // namespace apim::store
