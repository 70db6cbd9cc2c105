// What the report promises: valid JSON with every member, whatever the texts hold.

#include "snapshot/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace apim::snapshot {
namespace {

TEST(Report, HasEveryMember) {
  const auto json = nlohmann::json::parse(to_json({.id = "gw",
                                                   .environment = "Default",
                                                   .version = "1",
                                                   .host = "h",
                                                   .pid = 7,
                                                   .workers = 2,
                                                   .epoch = 9,
                                                   .adopted_ms = 10,
                                                   .refused_epoch = 11,
                                                   .refused_reason = "why",
                                                   .started_ms = 12,
                                                   .seen_ms = 13,
                                                   .apis = 14,
                                                   .keys = 15}));
  const auto expected = nlohmann::json::parse(
      R"({"id":"gw","environment":"Default","version":"1","pid":7,"host":"h","workers":2,"state":)"
      R"("serving","epoch":9,)"
      R"("adopted_ms":10,"refused_epoch":11,"refused_reason":"why","started_ms":12,"seen_ms":13,")"
      R"(apis":14,"keys":15})");
  EXPECT_EQ(json, expected);
}

TEST(Report, WithoutAnEpochItIsStarting) {
  EXPECT_EQ(nlohmann::json::parse(to_json({})).at("state"), "starting");
}

TEST(Report, TextsAreEscaped) {
  GatewayReport report;
  report.refused_reason = "a \"b\" \\ \n \x01 \xff";
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json.at("refused_reason"), "a \"b\" \\ \n \x01 \u00ff");
}

}  // namespace
}  // namespace apim::snapshot
