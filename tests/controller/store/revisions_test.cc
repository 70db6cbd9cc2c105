// Immutable copies.

#include "store/revisions.h"

#include "controller/store/support_store.h"
#include "store/apis.h"
#include "store/deployments.h"

namespace apim::store {
namespace {

class RevisionsTest : public StoreTest {
 protected:
  void SetUp() override {
    api_ = write([](Transaction& tx) { return apis::insert(tx, sample_api("pizza")); });
  }
  model::Revision create(const std::string& description = "") {
    return write([&](Transaction& tx) {
      return revisions::create(tx, kTenant, api_.uuid, description, "admin");
    });
  }
  model::Api api_;
};
INSTANTIATE_TEST_SUITE_P(, RevisionsTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(RevisionsTest, CopiesTheWorkingCopyAndStaysAsItWas) {
  const model::Revision made = create("first");
  EXPECT_EQ(made.number, 1u);
  api_.description = "changed later";
  api_.definition = "{}";
  write([&](Transaction& tx) { return apis::update(tx, api_); });
  const model::Revision found =
      read([&](Transaction& tx) { return revisions::find(tx, kTenant, api_.uuid, made.uuid); });
  EXPECT_EQ(found.document, made.document);
  EXPECT_EQ(found.definition, "{\"openapi\":\"3.0.1\"}");
  EXPECT_EQ(found.document.find("changed later"), std::string::npos);
  EXPECT_EQ(found.description, "first");
  EXPECT_EQ(found.created_by, "admin");
  EXPECT_EQ(found.created_ms, now_ms_);
}

TEST_P(RevisionsTest, NumbersAreNeverReused) {
  create();
  const model::Revision second = create();
  write([&](Transaction& tx) { return revisions::remove(tx, kTenant, api_.uuid, second.uuid); });
  EXPECT_EQ(create().number, 3u);
  EXPECT_EQ(read([&](Transaction& tx) { return revisions::count(tx, kTenant, api_.uuid); }), 2u);
  const auto list = read([&](Transaction& tx) { return revisions::list(tx, kTenant, api_.uuid); });
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].number, 1u);
  EXPECT_EQ(list[1].number, 3u);
  EXPECT_TRUE(list[1].document.empty());
}

TEST_P(RevisionsTest, IsFoundByNumber) {
  const model::Revision made = create();
  const auto found =
      read([&](Transaction& tx) { return revisions::find_by_number(tx, kTenant, api_.uuid, 1); });
  EXPECT_EQ(found.uuid, made.uuid);
  const Problem problem = refusal(
      [&](Transaction& tx) { return revisions::find_by_number(tx, kTenant, api_.uuid, 9); });
  EXPECT_EQ(problem.code, 900347);
}

TEST_P(RevisionsTest, ADeployedOneStays) {
  const model::Revision made = create();
  write([&](Transaction& tx) {
    return deployments::deploy(
        tx, kTenant, api_.uuid, made.uuid,
        {{.api_uuid = "", .revision_uuid = "", .environment = "Default", .vhost = ""}});
  });
  const auto erase = [&](Transaction& tx) {
    return revisions::remove(tx, kTenant, api_.uuid, made.uuid);
  };
  const Problem problem = refusal(erase);
  EXPECT_EQ(problem.code, 900348);
  EXPECT_NE(problem.description.find("Revision 1 is deployed to 'Default'"), std::string::npos);
  write([&](Transaction& tx) { return deployments::undeploy(tx, kTenant, api_.uuid, {}); });
  write(erase);
}

TEST_P(RevisionsTest, AnotherApisRevisionIsNotFound) {
  const model::Revision made = create();
  const model::Api other =
      write([](Transaction& tx) { return apis::insert(tx, sample_api("burger")); });
  const Problem problem =
      refusal([&](Transaction& tx) { return revisions::find(tx, kTenant, other.uuid, made.uuid); });
  EXPECT_EQ(problem.http_status, 404);
}

}  // namespace
}  // namespace apim::store
