// Operations: which targets are taken, how fields are read, what repeats.

#include "model/operation_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace apim::model {
namespace {

using Json = nlohmann::json;

struct OperationsRead {
  std::vector<Operation> operations;
  std::string refused;
  std::string warned;
};

OperationsRead read_list(const Json& list) {
  FieldReport report(nullptr);
  OperationsRead outcome;
  outcome.operations = read_operations(Field(list, report));
  for (const Finding& finding : report.findings)
    outcome.refused += finding.where + " " + finding.message + "\n";
  for (const Warning& warning : report.warnings)
    outcome.warned += warning.field + " " + warning.message + "\n";
  return outcome;
}

TEST(OperationCodec, TakesTheTargetsWso2Takes) {
  for (const char* const target :
       {"/", "/a", "/a/", "/a/{b}", "/a/{b}.json", "/v{major}-{minor}", "/a/*", "/*", "/*.xml",
        "/a/{b}/*", "/a/{+rest}", "/a%20b", "/a;b=c", "/a:b@c"}) {
    EXPECT_EQ(why_not_target(target), "") << target;
  }
}

TEST(OperationCodec, RefusesTargetsThatMatchNothing) {
  for (const char* const target :
       {"",         "a",        "/a/{b",   "/a/b}",  "/{}",       "/{+}",    "/{a b}",
        "/{a}{b}",  "/{a}/{a}", "/{a{b}}", "/{a/b}", "/a*",       "/*/a",    "/a/**",
        "/a/*.xml", "/{+a}/b",  "/x{+a}",  "//",     "/a//b",     "/a/../b", "/./a",
        "/a?b",     "/a#b",     "/a b",    "/a%2",   "/\xC3\xA9", "/a\\b"}) {
    EXPECT_NE(why_not_target(target), "") << target;
  }
}

TEST(OperationCodec, ReadsVerbsAuthAndPolicies) {
  const OperationsRead outcome = read_list(
      {{{"target", "/a"},
        {"verb", "patch"},
        {"authType", "Application_User"},
        {"throttlingPolicy", nullptr},
        {"operationPolicies",
         {{"request",
           {{{"policyName", "rewriteResourcePath"},
             {"policyVersion", "v3"},
             {"parameters",
              {{"newResourcePath", "/b"}, {"includeQueryParams", true}, {"n", 5}}}}}}}}}});
  EXPECT_EQ(outcome.refused, "");
  ASSERT_EQ(outcome.operations.size(), 1U);
  const Operation& operation = outcome.operations[0];
  EXPECT_EQ(operation.verb, Verb::Patch);
  EXPECT_EQ(operation.auth, AuthType::ApplicationUser);
  EXPECT_EQ(operation.throttling_policy, "Unlimited");
  const OperationPolicy& policy = operation.policies.request[0];
  EXPECT_EQ(policy.type, "common");
  EXPECT_EQ(policy.parameters,
            (std::map<std::string, std::string>{
                {"newResourcePath", "/b"}, {"includeQueryParams", "true"}, {"n", "5"}}));
}

TEST(OperationCodec, TheSamePathByAnotherNameIsNeverReached) {
  const OperationsRead outcome = read_list({{{"target", "/a/{x}"}, {"verb", "GET"}},
                                            {{"target", "/a/{y}"}, {"verb", "GET"}},
                                            {{"target", "/a/{y}"}, {"verb", "PUT"}}});
  EXPECT_EQ(outcome.refused, "");
  EXPECT_THAT(outcome.warned,
              testing::HasSubstr("[1].target GET /a/{y} is never reached: operations[0] (/a/{x})"));
}

TEST(OperationCodec, WritingTakesOverWhatIsNotTyped) {
  const Json before = {{{"target", "/a"}, {"verb", "GET"}, {"id", "17"}, {"uriMapping", "/z"}}};
  Operation operation;
  operation.target = "/a";
  operation.auth = AuthType::None;
  operation.throttling_policy = "Gold";
  const Json written = write_operations({operation}, before);
  EXPECT_EQ(written[0]["id"], "17");
  EXPECT_EQ(written[0]["uriMapping"], "/z");
  EXPECT_EQ(written[0]["authType"], "None");
  EXPECT_EQ(read_list(written).operations, std::vector{operation});
}

}  // namespace
}  // namespace apim::model
