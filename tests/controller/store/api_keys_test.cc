// API keys: digests only.

#include "store/api_keys.h"

#include "controller/store/support_store.h"
#include "store/applications.h"
#include "store/outbox.h"

namespace apim::store {
namespace {

class ApiKeysTest : public StoreTest {
 protected:
  void SetUp() override {
    application_ =
        write([](Transaction& tx) { return applications::insert(tx, sample_application("shop")); });
  }
  auto inserting(const model::ApiKey& key) {
    return [key](Transaction& tx) { return api_keys::insert(tx, kTenant, key); };
  }
  model::Application application_;
};
INSTANTIATE_TEST_SUITE_P(, ApiKeysTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(ApiKeysTest, ComesBackAsItWentIn) {
  const auto made = write(inserting(sample_key(application_, "main", 1)));
  EXPECT_EQ(made.application_id, application_.id);
  const auto found = read([&](Transaction& tx) { return api_keys::find(tx, kTenant, made.uuid); });
  EXPECT_EQ(dump(found), dump(made));
  const auto by_digest =
      read([&](Transaction& tx) { return api_keys::find_by_digest(tx, kTenant, made.digest); });
  ASSERT_TRUE(by_digest.has_value());
  EXPECT_EQ(by_digest->uuid, made.uuid);
}

TEST_P(ApiKeysTest, ADigestExistsOnce) {
  write(inserting(sample_key(application_, "main", 1)));
  EXPECT_EQ(refusal(inserting(sample_key(application_, "other", 1))).http_status, 409);
}

TEST_P(ApiKeysTest, ANameExistsOnceForAType) {
  write(inserting(sample_key(application_, "main", 1)));
  const Problem problem = refusal(inserting(sample_key(application_, "main", 2)));
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_NE(problem.description.find("'shop' has a PRODUCTION key 'main'"), std::string::npos);
  model::ApiKey sandbox = sample_key(application_, "main", 3);
  sandbox.type = model::KeyType::Sandbox;
  write(inserting(sandbox));
  write(inserting(sample_key(application_, "", 4)));
  write(inserting(sample_key(application_, "", 5)));
}

TEST_P(ApiKeysTest, ListsByType) {
  write(inserting(sample_key(application_, "a", 1)));
  now_ms_ += 1;
  model::ApiKey sandbox = sample_key(application_, "b", 2);
  sandbox.type = model::KeyType::Sandbox;
  write(inserting(sandbox));
  const auto list = [&](std::optional<model::KeyType> type) {
    return read(
        [&](Transaction& tx) { return api_keys::list(tx, kTenant, application_.uuid, type); });
  };
  ASSERT_EQ(list({}).size(), 2u);
  EXPECT_EQ(list({})[0].name, "a") << "oldest first";
  ASSERT_EQ(list(model::KeyType::Sandbox).size(), 1u);
  EXPECT_EQ(list(model::KeyType::Sandbox)[0].name, "b");
}

TEST_P(ApiKeysTest, RevokingIsToldToGateways) {
  const auto made = write(inserting(sample_key(application_, "main", 1)));
  const uint64_t before = read([](Transaction& tx) { return tx.epoch(); });
  const auto revoke = [&](Transaction& tx) { return api_keys::remove(tx, kTenant, made.uuid); };
  write(revoke);
  const auto changes = read([&](Transaction& tx) { return outbox::changes_since(tx, before); });
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind, model::Change::Kind::Application);
  EXPECT_EQ(changes[0].id, application_.id);
  EXPECT_EQ(refusal(revoke).http_status, 404);
}

TEST_P(ApiKeysTest, AnotherTenantFindsNothing) {
  const auto made = write(inserting(sample_key(application_, "main", 1)));
  const auto look = [&](Transaction& tx) {
    return api_keys::find_by_digest(tx, "foo.com", made.digest);
  };
  EXPECT_FALSE(read(look).has_value());
}

}  // namespace
}  // namespace apim::store
