// What deploy promises: it says what changed, on which revision and epoch, and passes warnings on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const char* const kImport = "POST /api/am/publisher/v4/apis/import";
const char* const kProject = R"(type: api
data:
  name: Pizza
  context: /pizza
  version: 1.0.0
  endpointConfig: { endpoint_type: http, production_endpoints: { url: "http://127.0.0.1:1" } }
  operations: [ { target: /menu, verb: GET } ]
)";

struct Deploying : test::LoggedIn {
  std::string project;
  Deploying() {
    project = (config.path() / "pizza").string();
    std::filesystem::create_directories(project);
    std::ofstream(project + "/api.yaml") << kProject;
    controller.answer("GET /api/am/publisher/v4/apis",
                      test::page({{{"id", "7"}, {"name", "Pizza"}, {"version", "1.0.0"}}}));
    controller.answer("GET /api/am/publisher/v4/apis/7",
                      {{"id", "7"},
                       {"context", "/pizza"},
                       {"operations", {{{"verb", "GET"}, {"target", "/menu"}}}}});
  }
};

TEST(Deploy, SaysRevisionEpochAndWarnings) {
  Deploying one;
  one.controller.answer(kImport,
                        {{"id", "7"},
                         {"revision", "Revision 3"},
                         {"warnings", {{{"field", "data.audience"}, {"message", "is kept"}}}}},
                        200, 41);
  const auto ran = test::run_apimctl({"deploy", one.project});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("API Pizza 1.0.0"));
  EXPECT_THAT(ran.out, HasSubstr("Revision 3"));
  EXPECT_THAT(ran.out, HasSubstr("epoch 41"));
  EXPECT_THAT(ran.err, HasSubstr("data.audience: is kept"));
  const auto sent = one.controller.last(kImport);
  EXPECT_THAT(sent.target, HasSubstr("overwrite=true"));
  EXPECT_THAT(sent.target, HasSubstr("rotateRevision=false"));
  EXPECT_THAT(sent.body, HasSubstr("file=PK"));
}

TEST(Deploy, ProgramsGetTheSame) {
  Deploying one;
  one.controller.answer(kImport, {{"id", "7"}, {"revision", "Revision 1"}}, 200, 5);
  const auto ran =
      test::run_apimctl({"deploy", one.project, "-o", "json", "--no-wait", "--rotate-revision"});
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  const auto answer = json::parse(ran.out);
  EXPECT_EQ(answer["epoch"], 5);
  EXPECT_EQ(answer["revision"], "Revision 1");
  EXPECT_EQ(answer["change"]["created"], false);
  EXPECT_THAT(one.controller.last(kImport).target, HasSubstr("rotateRevision=true"));
}

TEST(Deploy, TooManyRevisionsSayWhichOptionHelps) {
  Deploying one;
  one.controller.answer(
      kImport, {{"code", 900351}, {"message", "Maximum number of revisions"}, {"description", "5"}},
      400);
  const auto ran = test::run_apimctl({"deploy", one.project});
  EXPECT_EQ(ran.exit, Exit::Refused);
  EXPECT_THAT(ran.err, HasSubstr("--rotate-revision"));
}

TEST(Deploy, ABadProjectIsNotSent) {
  Deploying one;
  std::ofstream(one.project + "/api.yaml") << "data: [";
  EXPECT_EQ(test::run_apimctl({"deploy", one.project}).exit, Exit::Usage);
  EXPECT_EQ(one.controller.last(kImport).method, "");
}

}  // namespace
}  // namespace apim::cli
