// What the admin pages promise: the truth about readiness, and JSON and text that programs read.

#include "gate/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/world.h"

namespace apim::gate {
namespace {

using testing::HasSubstr;

std::shared_ptr<const snapshot::Image> empty_image() {
  model::Catalog catalog;
  catalog.environment = "Default";
  return test::make_image(catalog, 7);
}

class AdminTest : public testing::Test {
 protected:
  AdminTest() : metrics_(2) {
    state_.metrics = &metrics_;
    state_.gateway_id = "gw-1";
    state_.environment = "Default";
    state_.now_ms = 5'000;
  }
  AdminPage get(std::string_view path) const { return admin_page({.path = path}, state_); }

  Metrics metrics_;
  AdminState state_;
};

TEST_F(AdminTest, HealthIsAlwaysOk) { EXPECT_EQ(get("/healthz").status, 200); }

TEST_F(AdminTest, WithoutASnapshotTheGatewayIsNotReady) {
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_THAT(get("/readyz").body, HasSubstr("no valid snapshot"));
  EXPECT_THAT(get("/metrics").body, HasSubstr("apim_ready 0\n"));
}

TEST_F(AdminTest, ASnapshotThatEveryWorkerServesMakesItReadyUntilItDrains) {
  state_.keeper.image = empty_image();
  EXPECT_EQ(get("/readyz").status, 503);  // Not live on every worker yet.
  state_.keeper.epoch = 7;
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_THAT(get("/metrics").body, HasSubstr("apim_snapshot_epoch 7\n"));
  state_.draining = true;
  EXPECT_EQ(get("/readyz").status, 503);
}

TEST_F(AdminTest, ASnapshotIsShownWithItsSegments) {
  state_.keeper.image = empty_image();
  const auto json = nlohmann::json::parse(get("/snapshot").body);
  EXPECT_EQ(json["counts"]["apis"], 0);
  ASSERT_GE(json["segments"].size(), 3u);
  uint64_t bytes = 0;
  for (const auto& segment : json["segments"]) {
    EXPECT_EQ(segment["sha256"].get<std::string>().size(), 64u);
    bytes += segment["bytes"].get<uint64_t>();
  }
  EXPECT_EQ(json["bytes"], bytes);
}

TEST_F(AdminTest, MetricsAreTextOfAllWorkers) {
  metrics_.worker(0).add(Counter::Requests2xx, 2);
  metrics_.worker(1).add(Counter::Requests2xx, 3);
  state_.keeper.refused_count = 4;
  state_.access_dropped = 6;
  const AdminPage page = get("/metrics");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.content_type, HasSubstr("version=0.0.4"));
  EXPECT_THAT(page.body, HasSubstr("apim_requests_total{status=\"2xx\"} 5\n"));
  EXPECT_THAT(page.body, HasSubstr("apim_snapshot_refusals_total 4\n"));
  EXPECT_THAT(page.body, HasSubstr("apim_access_log_dropped_total 6\n"));
  EXPECT_THAT(page.body, HasSubstr("apim_workers 2\n"));
}

TEST_F(AdminTest, TheSnapshotPageSaysWhyTheLastOneWasRefused) {
  state_.keeper.refused_epoch = 9;
  state_.keeper.refused_ms = 4'000;
  state_.keeper.refused_reason = "manifest 9: \"signature\" does not fit\n";
  state_.workers = {{.epoch = 8, .images = 1}, {.epoch = 7, .images = 2}};
  const AdminPage page = get("/snapshot");
  EXPECT_EQ(page.content_type, "application/json");
  const auto json = nlohmann::json::parse(page.body);
  EXPECT_EQ(json["gateway"], "gw-1");
  EXPECT_EQ(json["environment"], "Default");
  EXPECT_EQ(json["ready"], false);
  EXPECT_EQ(json["epoch"], 0);
  EXPECT_EQ(json["refused"]["epoch"], 9);
  EXPECT_EQ(json["refused"]["reason"], "manifest 9: \"signature\" does not fit\n");
  EXPECT_EQ(json["workers"][1]["epoch"], 7);
  EXPECT_EQ(json["workers"][1]["images"], 2);
}

TEST_F(AdminTest, NothingRefusedIsNull) {
  EXPECT_TRUE(nlohmann::json::parse(get("/snapshot").body)["refused"].is_null());
}

TEST_F(AdminTest, TheSnapshotPageSaysWhyTheHubCannotBeRead) {
  EXPECT_TRUE(nlohmann::json::parse(get("/snapshot").body)["hub_error"].is_null());
  state_.keeper.hub_error = "cannot open \"hub/CURRENT\"";
  EXPECT_EQ(nlohmann::json::parse(get("/snapshot").body)["hub_error"],
            "cannot open \"hub/CURRENT\"");
}

TEST_F(AdminTest, AClockThatWentBackMakesNoNegativeAge) {
  state_.keeper.created_ms = 9'000;
  EXPECT_EQ(nlohmann::json::parse(get("/snapshot").body)["age_ms"], 0);
  state_.keeper.created_ms = 4'000;
  EXPECT_EQ(nlohmann::json::parse(get("/snapshot").body)["age_ms"], 1'000);
}

TEST_F(AdminTest, UnknownPathsGetTheList) {
  for (const char* path : {"/", "/metrics/", "/Healthz", "/healthzz", ""}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_THAT(get("/").body, HasSubstr("/healthz"));
}

TEST_F(AdminTest, OnlyGetAndHeadAreAllowed) {
  EXPECT_EQ(admin_page({.method = http::Method::Head, .path = "/healthz"}, state_).status, 200);
  for (const auto method : {http::Method::Post, http::Method::Put, http::Method::Delete,
                            http::Method::Patch, http::Method::Options, http::Method::Trace}) {
    const AdminPage page = admin_page({.method = method, .path = "/metrics"}, state_);
    EXPECT_EQ(page.status, 405);
    EXPECT_EQ(page.allow, "GET, HEAD");
  }
}

TEST_F(AdminTest, WhyIsAskedByPostOnly) {
  state_.why = [](const AdminRequest& request) {
    return AdminPage{
        .status = 200, .content_type = {}, .allow = {}, .body = std::string(request.body)};
  };
  for (const auto method : {http::Method::Get, http::Method::Head, http::Method::Put}) {
    const AdminPage page = admin_page({.method = method, .path = "/why"}, state_);
    EXPECT_EQ(page.status, 405);
    EXPECT_EQ(page.allow, "POST");
  }
  const AdminPage page =
      admin_page({.method = http::Method::Post, .path = "/why", .body = "url=x"}, state_);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "url=x");
}

}  // namespace
}  // namespace apim::gate
