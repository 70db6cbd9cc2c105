#include "compile/report.h"

#include <gtest/gtest.h>

namespace apim::compile {
namespace {

TEST(Report, HasALinePerFinding) {
  const Report report{.quarantined = {{.api_id = 7,
                                       .api = "pizza 1.0.0",
                                       .findings = {{"context", "is taken"}, {"", "is odd"}}}},
                      .findings = {{"key 'a'", "is left out"}}};
  EXPECT_FALSE(report.empty());
  EXPECT_EQ(to_text(report),
            "API 'pizza 1.0.0' (number 7) is not served: context: is taken\n"
            "API 'pizza 1.0.0' (number 7) is not served: is odd\n"
            "key 'a': is left out\n");
}

TEST(Report, IsNothingWhenAllIsWell) {
  EXPECT_TRUE(Report{}.empty());
  EXPECT_EQ(to_text(Report{}), "");
}

}  // namespace
}  // namespace apim::compile
