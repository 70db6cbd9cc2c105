// Environments and vhosts.

#include "store/environments.h"

#include "controller/store/support_store.h"
#include "store/apis.h"
#include "store/deployments.h"
#include "store/revisions.h"

namespace apim::store {
namespace {

class EnvironmentsTest : public StoreTest {
 protected:
  static model::Environment sample(const std::vector<std::string>& vhosts) {
    return {.uuid = "",
            .name = "Europe",
            .display_name = "EU",
            .description = "across the sea",
            .vhosts = vhosts};
  }
  model::Environment add(const std::vector<std::string>& vhosts) {
    return write(
        [&](Transaction& tx) { return environments::insert(tx, kTenant, sample(vhosts)); });
  }
  int code_of(const std::vector<std::string>& vhosts) {
    return refusal(
               [&](Transaction& tx) { return environments::insert(tx, kTenant, sample(vhosts)); })
        .code;
  }
  void occupy(const std::string& vhost) {
    write([&](Transaction& tx) -> Result<void> {
      ASSIGN_OR_REFUSE(const auto api, apis::insert(tx, sample_api("pizza")));
      ASSIGN_OR_REFUSE(const auto revision, revisions::create(tx, kTenant, api.uuid, "", "admin"));
      CHECK_OR_REFUSE(deployments::deploy(
          tx, kTenant, api.uuid, revision.uuid,
          {{.api_uuid = "", .revision_uuid = "", .environment = "Europe", .vhost = vhost}}));
      return {};
    });
  }
};
INSTANTIATE_TEST_SUITE_P(, EnvironmentsTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(EnvironmentsTest, ComeBackWithTheirVhostsInOrder) {
  const model::Environment made = add({"z.example", "a.example"});
  const auto found =
      read([&](Transaction& tx) { return environments::find(tx, kTenant, made.uuid); });
  EXPECT_EQ(found.name, "Europe");
  EXPECT_EQ(found.display_name, "EU");
  EXPECT_EQ(found.vhosts, (std::vector<std::string>{"z.example", "a.example"}));
  EXPECT_EQ(read(environments::names), (std::vector<std::string>{"Default", "Europe"}));
}

TEST_P(EnvironmentsTest, MistakesAreToldApart) {
  EXPECT_EQ(code_of({}), 900511);
  EXPECT_EQ(code_of({"a.example", "a.example"}), 900509);
  add({"a.example"});
  EXPECT_EQ(code_of({"b.example"}), 900507);
}

TEST_P(EnvironmentsTest, AVhostInUseStays) {
  model::Environment made = add({"a.example", "b.example"});
  occupy("b.example");
  made.vhosts = {"a.example", "c.example"};
  const auto update = [&](Transaction& tx) { return environments::update(tx, kTenant, made); };
  const Problem problem = refusal(update);
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_NE(problem.description.find("API 'pizza' 1.0.0"), std::string::npos);
  made.vhosts = {"c.example", "b.example"};
  made.name = "Renamed";
  EXPECT_EQ(write(update).name, "Europe") << "the name stays";
}

TEST_P(EnvironmentsTest, AnEnvironmentInUseAndDefaultStay) {
  const model::Environment made = add({"a.example"});
  occupy("a.example");
  const auto remove = [&](const std::string& uuid) {
    return [uuid](Transaction& tx) { return environments::remove(tx, kTenant, uuid); };
  };
  EXPECT_EQ(refusal(remove(made.uuid)).http_status, 409);
  const auto standard =
      read([](Transaction& tx) { return environments::find_by_name(tx, kTenant, "Default"); });
  EXPECT_EQ(refusal(remove(standard->uuid)).http_status, 400);
  write([](Transaction& tx) -> Result<void> {
    ASSIGN_OR_REFUSE(const auto api, apis::find_by_name(tx, kTenant, "pizza", "1.0.0"));
    CHECK_OR_REFUSE(deployments::undeploy(tx, kTenant, api->uuid, {}));
    return {};
  });
  write(remove(made.uuid));
  EXPECT_EQ(read(environments::names), std::vector<std::string>{"Default"});
}

}  // namespace
}  // namespace apim::store
