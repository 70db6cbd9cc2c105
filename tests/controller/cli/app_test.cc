// What the command line promises: exit codes, help, and one line that says what to do.

#include "cli/app.h"

#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

TEST(App, HelpNamesEveryNoun) {
  const auto ran = test::run_apimctl({"--help"});
  EXPECT_EQ(ran.exit, Exit::Done);
  for (const char* noun : {"login", "deploy", "apis", "undeploy", "delete", "apps", "subscribe",
                           "keys", "policies", "deny", "snapshot", "gateways"}) {
    EXPECT_NE(ran.out.find(noun), std::string::npos) << noun;
  }
}

TEST(App, EveryNounHasHelp) {
  for (const char* noun : {"login", "deploy", "apis", "undeploy", "delete", "apps", "subscribe",
                           "keys", "policies", "deny", "snapshot", "gateways"}) {
    EXPECT_EQ(test::run_apimctl({noun, "--help"}).exit, Exit::Done) << noun;
  }
}

TEST(App, NonsenseIsAUsageError) {
  const std::vector<std::vector<std::string>> cases = {
      {},      {"nonsense"}, {"apis", "-o", "xml"}, {"deploy"}, {"deploy", "x", "--timeout", "0"},
      {"keys"}};
  for (const auto& arguments : cases) {
    const auto ran = test::run_apimctl(arguments);
    EXPECT_EQ(ran.exit, Exit::Usage);
    EXPECT_FALSE(ran.err.empty());
    EXPECT_EQ(ran.out, "");
  }
}

TEST(App, AnUnknownCommandIsNamed) {
  const auto ran = test::run_apimctl({"bogus"});
  EXPECT_EQ(ran.exit, Exit::Usage);
  EXPECT_NE(ran.err.find("'bogus' is not a command"), std::string::npos) << ran.err;
}

TEST(App, TheFormatMayStandBehindTheCommand) {
  test::LoggedIn in;
  in.controller.answer("GET /api/am/publisher/v4/apis", test::page({}));
  const auto ran = test::run_apimctl({"apis", "-o", "json"});
  EXPECT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_EQ(nlohmann::json::parse(ran.out)["count"], 0);
}

TEST(App, TheVersionIsPrinted) {
  EXPECT_NE(test::run_apimctl({"--version"}).out.find(APIM_VERSION), std::string::npos);
}

}  // namespace
}  // namespace apim::cli
