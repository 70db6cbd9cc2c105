#include "compile/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"

namespace apim::compile {
namespace {

using StepKind = fbs::PolicyKind;
using support::policy;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kWhere = "operations[0] (GET /menu)";

// The one step of a request policy; a finding fails the test.
Step step_of(const model::OperationPolicy& request_policy) {
  std::vector<Finding> findings;
  const Plan plan =
      lower_plan({}, {.request = {request_policy}, .response = {}, .fault = {}}, kWhere, findings);
  EXPECT_THAT(support::lines_of(findings), IsEmpty());
  return plan.request.size() == 1 ? plan.request[0] : Step{};
}

std::string why_not(const model::OperationPolicy& request_policy) {
  std::vector<Finding> findings;
  lower_plan({}, {.request = {request_policy}, .response = {}, .fault = {}}, kWhere, findings);
  return findings.size() == 1 ? findings[0].where + ": " + findings[0].message : "";
}

model::OperationPolicy add_header(const std::string& name, const std::string& value,
                                  const std::string& version = "v3") {
  return policy("addHeader", version, {{"headerName", name}, {"headerValue", value}});
}

TEST(Plan, EveryVersionOfABuiltInPolicyIsExecuted) {
  for (const char* version : {"v1", "v2", "v3"}) {
    EXPECT_EQ(step_of(add_header("X-A", "b", version)),
              (Step{.kind = StepKind::SetHeader, .name = "X-A", .value = "b"}));
  }
  for (const char* version : {"v1", "v2"}) {
    EXPECT_EQ(step_of(policy("removeHeader", version, {{"headerName", "X-A"}})),
              (Step{.kind = StepKind::RemoveHeader, .name = "X-A"}));
  }
  for (const char* version : {"v1", "v2"}) {
    EXPECT_EQ(step_of(policy("addQueryParam", version,
                             {{"paramKey", "a b"}, {"paramValue", "c&d=\xc3\xa9"}})),
              (Step{.kind = StepKind::AddQuery, .name = "a%20b", .value = "c%26d%3D%C3%A9"}));
  }
  EXPECT_EQ(step_of(policy("changeHTTPMethod", "v1", {{"httpMethod", "PATCH"}})),
            (Step{.kind = StepKind::SetMethod, .method = fbs::Method::Patch}));
}

TEST(Plan, ARewriteKeepsTheQueryUnlessTold) {
  const auto rewrite = [](std::map<std::string, std::string> parameters) {
    parameters["newResourcePath"] = "/new/p\xc3\xa4th/";
    return step_of(policy("rewriteResourcePath", "v3", parameters));
  };
  const Step kept{.kind = StepKind::RewritePath, .value = "/new/p%C3%A4th/"};
  Step dropped = kept;
  dropped.keep_query = false;
  EXPECT_EQ(rewrite({}), kept);
  EXPECT_EQ(rewrite({{"includeQueryParams", "True"}}), kept);
  EXPECT_EQ(rewrite({{"includeQueryParams", "False"}}), dropped);
}

TEST(Plan, ApiLevelPoliciesStandAroundThoseOfTheOperation) {
  const auto flows = [](const std::string& value) {
    const std::vector<model::OperationPolicy> one{add_header("X-Level", value)};
    return model::PolicyFlows{.request = one, .response = one, .fault = one};
  };
  std::vector<Finding> findings;
  const Plan plan = lower_plan(flows("api"), flows("operation"), kWhere, findings);
  const auto values = [](const std::vector<Step>& steps) {
    std::vector<std::string> out;
    for (const Step& step : steps) out.push_back(step.value);
    return out;
  };
  EXPECT_THAT(values(plan.request), ElementsAre("api", "operation"));
  EXPECT_THAT(values(plan.response), ElementsAre("operation", "api"));
  EXPECT_THAT(values(plan.fault), ElementsAre("operation", "api"));
}

struct Refused {
  model::OperationPolicy policy;
  std::string why;
};

class RefusedPolicies : public testing::TestWithParam<Refused> {};

TEST_P(RefusedPolicies, AreNamedWithVersionFlowAndOperation) {
  const model::OperationPolicy& refused = GetParam().policy;
  EXPECT_EQ(why_not(refused), kWhere + ": the policy " + refused.name + " " + refused.version +
                                  " in the request flow cannot be executed: " + GetParam().why);
}

model::OperationPolicy of_api(model::OperationPolicy policy) {
  policy.type = "api";
  return policy;
}

INSTANTIATE_TEST_SUITE_P(
    Policies, RefusedPolicies,
    testing::Values(
        Refused{policy("jsonValidator", "v1", {}), "gateways cannot execute it"},
        Refused{policy("addheader", "v1", {}), "gateways cannot execute it"},
        Refused{of_api(add_header("X-A", "b")),
                "it is defined by the API itself; gateways only execute built-in ones"},
        Refused{add_header("X-A", "b", "v4"), "gateways execute versions v1 to v3 of it"},
        Refused{add_header("X-A", "b", "v0"), "gateways execute versions v1 to v3 of it"},
        Refused{add_header("X-A", "b", ""), "gateways execute versions v1 to v3 of it"},
        Refused{policy("removeHeader", "v3", {{"headerName", "X"}}),
                "gateways execute versions v1 to v2 of it"},
        Refused{policy("addHeader", "v3", {{"headerValue", "b"}}),
                "its parameter 'headerName' is missing"},
        Refused{add_header("X-A", ""), "its parameter 'headerValue' is missing"},
        Refused{add_header("X A", "b"), "'X A' is not the name of a header"},
        Refused{add_header("X-A:", "b"), "'X-A:' is not the name of a header"},
        Refused{add_header("Transfer-Encoding", "chunked"),
                "the header 'Transfer-Encoding' is the gateway's own to set"},
        Refused{add_header("content-length", "3"),
                "the header 'content-length' is the gateway's own to set"},
        Refused{policy("removeHeader", "v2", {{"headerName", "Host"}}),
                "the header 'Host' is the gateway's own to set"},
        Refused{add_header("X-A", "b\r\nEvil: 1"),
                "the value of the header 'X-A' has control bytes or blanks at an end"},
        Refused{add_header("X-A", " b"),
                "the value of the header 'X-A' has control bytes or blanks at an end"},
        Refused{
            add_header("X-A", "${header.x}"),
            "its parameter 'headerValue' has the expression '${', which gateways do not evaluate"},
        Refused{add_header("X-A", std::string(5'000, 'a')),
                "its parameter 'headerValue' is longer than 4096 bytes"},
        Refused{policy("addQueryParam", "v2", {{"paramKey", "a"}}),
                "its parameter 'paramValue' is missing"},
        Refused{policy("rewriteResourcePath", "v3", {{"newResourcePath", "new"}}),
                "its newResourcePath 'new' does not start with '/'"},
        Refused{policy("rewriteResourcePath", "v3", {{"newResourcePath", "/a/../b"}}),
                "its newResourcePath '/a/../b' has a dot segment"},
        Refused{policy("rewriteResourcePath", "v3", {{"newResourcePath", "/a?b=c"}}),
                "its newResourcePath '/a?b=c' has a query; only paths can be matched"},
        Refused{policy("rewriteResourcePath", "v3", {{"newResourcePath", "/{uri.var.x}"}}),
                "its parameter 'newResourcePath' has the expression '{uri.var.', which gateways do "
                "not evaluate"},
        Refused{policy("rewriteResourcePath", "v3",
                       {{"newResourcePath", "/a"}, {"includeQueryParams", "perhaps"}}),
                "its includeQueryParams is neither 'True' nor 'False'"},
        Refused{policy("changeHTTPMethod", "v1", {{"httpMethod", "BREW"}}),
                "'BREW' is not an HTTP method"}));

TEST(Plan, PoliciesOfTheRequestAreRefusedElsewhere) {
  std::vector<Finding> findings;
  const model::OperationPolicy change = policy("changeHTTPMethod", "v1", {{"httpMethod", "GET"}});
  lower_plan({}, {.request = {}, .response = {change}, .fault = {change}}, kWhere, findings);
  EXPECT_THAT(
      support::lines_of(findings),
      ElementsAre(kWhere + ": the policy changeHTTPMethod v1 in the response flow cannot be "
                           "executed: it only makes sense in the request flow",
                  kWhere + ": the policy changeHTTPMethod v1 in the fault flow cannot be executed: "
                           "it only makes sense in the request flow"));
}

TEST(Plan, ApiLevelPoliciesAreReportedOnceNotPerOperation) {
  const model::PolicyFlows flows{
      .request = {policy("opaPolicy", "v1", {})}, .response = {}, .fault = {}};
  std::vector<Finding> findings;
  lower_plan(flows, {}, kWhere, findings);
  EXPECT_THAT(findings, IsEmpty());
  check_api_plan(flows, findings);
  EXPECT_THAT(support::lines_of(findings),
              ElementsAre("apiPolicies: the policy opaPolicy v1 in the request flow cannot be "
                          "executed: gateways cannot execute it"));
}

TEST(Plan, MoreHeaderEditsThanAGatewayHasRoomForAreAFinding) {
  const auto edits = [](size_t count, const std::string& prefix) {
    std::vector<model::OperationPolicy> out;
    for (size_t i = 0; i < count; ++i)
      out.push_back(add_header("X-" + prefix + std::to_string(i), "v"));
    return out;
  };
  const model::PolicyFlows of_api{
      .request = edits(20, "a"), .response = edits(20, "a"), .fault = edits(20, "a")};
  std::vector<Finding> findings;
  lower_plan(of_api, {.request = edits(7, "o"), .response = edits(7, "o"), .fault = edits(7, "o")},
             kWhere, findings);
  EXPECT_THAT(findings, IsEmpty());
  lower_plan(of_api, {.request = edits(8, "o"), .response = edits(8, "o"), .fault = edits(8, "o")},
             kWhere, findings);
  EXPECT_THAT(support::lines_of(findings),
              ElementsAre(kWhere + ": 28 policies change headers in the request flow, the API's "
                                   "included; gateways execute at most 27",
                          kWhere + ": 28 policies change headers in the response flow, the API's "
                                   "included; gateways execute at most 27",
                          kWhere + ": 28 policies change headers in the fault flow, the API's "
                                   "included; gateways execute at most 27"));
}

}  // namespace
}  // namespace apim::compile
