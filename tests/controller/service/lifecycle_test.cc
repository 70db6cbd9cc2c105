// What is promised about an API's states.

#include "service/lifecycle.h"

#include <gtest/gtest.h>

#include "controller/service/support_office.h"
#include "service/apis.h"
#include "service/revisions.h"

namespace apim::service {
namespace {

using model::Lifecycle;
using testing::admin;
using testing::must;
using testing::Office;
using testing::pizza;

TEST(Lifecycle, PublishingNeedsAnEndpoint) {
  Office office;
  auto document = pizza();
  document.erase("endpointConfig");
  const std::string api = testing::make_api(office, document);
  const auto refused = lifecycle::change_state(office.context(), admin(), api, {"Publish", false});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 400);
  EXPECT_NE(refused.error().description.find("endpoint"), std::string::npos);
}

TEST(Lifecycle, PublishingNeedsAPlan) {
  Office office;
  auto document = pizza();
  document["policies"] = nlohmann::json::array();
  const std::string api = testing::make_api(office, document);
  EXPECT_EQ(lifecycle::change_state(office.context(), admin(), api, {"Publish", false})
                .error()
                .http_status,
            400);
}

TEST(Lifecycle, AnActionThatIsNotPossibleNamesThoseThatAre) {
  Office office;
  const std::string api = testing::make_api(office);
  const auto refused = lifecycle::change_state(office.context(), admin(), api, {"Retire", false});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, 900381);
  EXPECT_NE(refused.error().description.find("Publish"), std::string::npos);
}

TEST(Lifecycle, RetiringUndeploys) {
  Office office;
  const std::string api = testing::make_published_api(office);
  const auto revision = must(revisions::create(office.context(), admin(), api, ""));
  model::Deployment target;
  target.environment = "Default";
  must(revisions::deploy(office.context(), admin(), api, revision.value.revision.uuid, {target}));
  must(lifecycle::change_state(office.context(), admin(), api, {"Deprecate", false}));
  const auto retired =
      must(lifecycle::change_state(office.context(), admin(), api, {"Retire", false}));
  EXPECT_EQ(retired.value.state, Lifecycle::Retired);
  EXPECT_TRUE(must(revisions::deployments(office.context(), admin(), api)).empty());
}

TEST(Lifecycle, HistoryTellsEveryStepAndWho) {
  Office office;
  const std::string api = testing::make_published_api(office);
  const auto history = must(lifecycle::history(office.context(), admin(), api));
  ASSERT_FALSE(history.empty());
  EXPECT_EQ(history.back().to, Lifecycle::Published);
  EXPECT_EQ(history.back().user, "admin");
}

TEST(Lifecycle, OlderVersionsAreDeprecatedOnRequestOnly) {
  Office office;
  const std::string first = testing::make_published_api(office);
  auto document = pizza();
  document["version"] = "2.0.0";
  const std::string second = testing::make_api(office, document);
  must(lifecycle::change_state(office.context(), admin(), second, {"Publish", true}));
  EXPECT_EQ(must(lifecycle::get(office.context(), admin(), first)).state, Lifecycle::Deprecated);
  EXPECT_EQ(must(lifecycle::get(office.context(), admin(), second)).state, Lifecycle::Published);
}

}  // namespace
}  // namespace apim::service
