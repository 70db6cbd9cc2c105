// endpointConfig: the three shapes, their settings, and the shapes that are refused.

#include "model/endpoint_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace apim::model {
namespace {

using Json = nlohmann::json;

struct EndpointsRead {
  EndpointGroups groups;
  std::string refused;
  std::vector<std::string> warned;
};

EndpointsRead read_groups(const Json& config) {
  FieldReport report(nullptr);
  EndpointsRead outcome;
  outcome.groups = read_endpoints(Field(config, report));
  for (const Finding& finding : report.findings)
    outcome.refused += finding.where + " " + finding.message + "\n";
  for (const Warning& warning : report.warnings) outcome.warned.push_back(warning.field);
  return outcome;
}

TEST(EndpointCodec, NothingIsNoEndpoint) {
  EXPECT_EQ(read_groups(nullptr).groups, EndpointGroups{});
  EXPECT_EQ(read_groups(Json::object()).groups, EndpointGroups{});
  const EndpointsRead empty =
      read_groups({{"endpoint_type", "http"}, {"production_endpoints", Json::object()}});
  EXPECT_EQ(empty.groups, EndpointGroups{});
  EXPECT_EQ(empty.refused, "");
}

TEST(EndpointCodec, SettingsMayBeTextNumbersOrFractions) {
  const EndpointsRead outcome = read_groups({{"endpoint_type", "http"},
                                             {"production_endpoints",
                                              {{"url", "http://a"},
                                               {"config",
                                                {{"actionDuration", "30000.0"},
                                                 {"suspendDuration", 2000},
                                                 {"suspendMaxDuration", ""},
                                                 {"factor", "1.5"},
                                                 {"suspendErrorCode", "101503,101504"},
                                                 {"retryErroCode", {"101505", 101506}},
                                                 {"retryTimeOut", "3"},
                                                 {"retryDelay", 10.4}}}}}});
  EXPECT_EQ(outcome.refused, "");
  EXPECT_EQ(outcome.groups.production->endpoints[0].tuning,
            (EndpointTuning{.timeout_ms = 30'000,
                            .suspend_ms = 2'000,
                            .suspend_max_ms = 0,
                            .suspend_factor = 1.5,
                            .suspend_codes = {101503, 101504},
                            .retry_codes = {101505, 101506},
                            .retry_count = 3,
                            .retry_delay_ms = 10}));
}

TEST(EndpointCodec, ThePrimaryStandsBeforeThoseThatStandIn) {
  const EndpointsRead outcome =
      read_groups({{"endpoint_type", "failover"},
                   {"production_endpoints", {{"url", "http://a"}}},
                   {"production_failovers", {{{"url", "http://b"}}, {{"url", "http://c"}}}},
                   {"sandbox_failovers", Json::array()}});
  ASSERT_TRUE(outcome.groups.production.has_value());
  EXPECT_EQ(outcome.groups.production->balance, Balance::Failover);
  EXPECT_EQ(outcome.groups.production->endpoints[0].url, "http://a");
  EXPECT_EQ(outcome.groups.production->endpoints[2].url, "http://c");
  EXPECT_FALSE(outcome.groups.sandbox.has_value());
}

TEST(EndpointCodec, OneObjectIsAListOfOneWhenBalanced) {
  const EndpointsRead outcome = read_groups(
      {{"endpoint_type", "load_balance"}, {"production_endpoints", {{"url", "http://a"}}}});
  EXPECT_EQ(outcome.groups.production->balance, Balance::RoundRobin);
  EXPECT_EQ(outcome.groups.production->endpoints.size(), 1U);
}

TEST(EndpointCodec, WarnsOfWhatTheGatewayDoesOtherwise) {
  EXPECT_THAT(read_groups({{"endpoint_type", "load_balance"},
                           {"sessionManagement", "transport"},
                           {"algoCombo", "org.example.LeastConnections"},
                           {"production_endpoints",
                            {{{"url", "http://a"}, {"config", {{"actionSelect", "discard"}}}}}}})
                  .warned,
              testing::UnorderedElementsAre("sessionManagement", "algoCombo",
                                            "production_endpoints[0].config.actionSelect"));
}

TEST(EndpointCodec, OtherTypesAreRefusedByName) {
  for (const char* const type :
       {"default", "awslambda", "ws", "address", "sequence_backend", "service", "graphql"}) {
    EXPECT_THAT(read_groups({{"endpoint_type", type}}).refused, testing::HasSubstr(type));
  }
}

TEST(EndpointCodec, ShapesThatDoNotFitTheirTypeAreRefused) {
  EXPECT_THAT(read_groups({{"endpoint_type", "failover"},
                           {"production_endpoints", {{{"url", "http://a"}}}}})
                  .refused,
              testing::HasSubstr("needs endpoint_type load_balance"));
  EXPECT_THAT(read_groups({{"endpoint_type", "failover"},
                           {"production_failovers", {{{"url", "http://a"}}}}})
                  .refused,
              testing::HasSubstr("needs production_endpoints"));
  EXPECT_THAT(read_groups({{"endpoint_type", "http"},
                           {"production_endpoints", {{"url", "http://a"}}},
                           {"production_failovers", {{{"url", "http://b"}}}}})
                  .refused,
              testing::HasSubstr("needs endpoint_type failover"));
}

TEST(EndpointCodec, WritingKeepsCredentials) {
  const Json before = {{"endpoint_type", "http"},
                       {"production_endpoints", {{"url", "http://old"}}},
                       {"endpoint_security", {{"production", {{"enabled", false}}}}}};
  EndpointGroups groups;
  groups.production = EndpointGroup{.balance = Balance::Failover,
                                    .endpoints = {{"http://a", {}}, {"http://b", {}}}};
  const Json written = write_endpoints(groups, before);
  EXPECT_EQ(written["endpoint_security"], before["endpoint_security"]);
  EXPECT_EQ(read_groups(written).groups, groups);
}

}  // namespace
}  // namespace apim::model
