// Findings of several parts in one refusal.

#include "import/gather.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apim::import {
namespace {

TEST(Gather, TakesValuesAndFindings) {
  Gather gather;
  EXPECT_EQ(gather.take(model::Result<int>(5)), 5);
  EXPECT_FALSE(
      gather.take(model::Result<int>(model::refuse(model::conflict(1, "taken", "by another"))))
          .has_value());
  EXPECT_FALSE(
      gather.take(model::Result<int>(model::refuse(model::invalid(1, "m", {{"f:2: x", "y"}}))))
          .has_value());
  ASSERT_EQ(gather.findings.size(), 2U);
  EXPECT_EQ(gather.findings[0].where, "taken");
  EXPECT_EQ(gather.problem().http_status, 400);
}

TEST(Gather, SortsByLineWithinAFile) {
  std::vector<model::Finding> findings = {{"b.yaml:10: x", ""},
                                          {"a.yaml:9: x", ""},
                                          {"b.yaml:9: y", ""},
                                          {"whole", ""},
                                          {"a.yaml:1: z", ""}};
  sort_by_line(findings);
  std::vector<std::string> places;
  for (const auto& finding : findings) places.push_back(finding.where);
  EXPECT_THAT(places, testing::ElementsAre("b.yaml:9: y", "b.yaml:10: x", "a.yaml:1: z",
                                           "a.yaml:9: x", "whole"));
}

}  // namespace
}  // namespace apim::import
