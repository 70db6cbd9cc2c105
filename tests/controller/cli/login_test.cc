// What login promises: the certificate is seen before the password goes out, and kept.

#include <gtest/gtest.h>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

const std::map<std::string, std::string> kPassword = {{"APIM_PASSWORD", "secret"}};

void prepare(test::ScriptedController& controller) {
  controller.answer("GET /api/apim/v1/info",
                    {{"name", "apim"}, {"version", "0.1.0"}, {"epoch", 1}});
  controller.answer("GET /api/apim/v1/me", {{"user", "admin"}});
}

TEST(Login, ShowsAndKeepsTheFingerprint) {
  const test::ConfigDir dir;
  test::ScriptedController controller;
  prepare(controller);
  const auto ran = test::run_apimctl({"login", controller.url(), "-u", "admin"}, "", kPassword);
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_NE(ran.err.find(controller.fingerprint()), std::string::npos);
  const auto session = load_session(dir.path());
  ASSERT_TRUE(session);
  EXPECT_EQ(session->fingerprint, controller.fingerprint());
  EXPECT_EQ(session->password, "secret");
}

TEST(Login, AsksForNothingThatNeedsARole) {
  const test::ConfigDir dir;
  test::ScriptedController controller;
  prepare(controller);
  const auto ran = test::run_apimctl({"login", controller.url(), "-u", "sam"}, "", kPassword);
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_NE(ran.err.find("trusted from now on"), std::string::npos);
  for (const test::Seen& seen : controller.seen())
    EXPECT_TRUE(seen.target.starts_with("/api/apim/v1/")) << seen.target;
}

TEST(Login, AGivenFingerprintThatDiffersSendsNothing) {
  const test::ConfigDir dir;
  test::ScriptedController controller;
  prepare(controller);
  std::string other = controller.fingerprint();
  other[0] = other[0] == 'A' ? 'B' : 'A';
  const auto ran = test::run_apimctl(
      {"login", controller.url(), "-u", "admin", "--fingerprint", other}, "", kPassword);
  EXPECT_EQ(ran.exit, Exit::Unreachable);
  EXPECT_TRUE(controller.seen().empty());
  EXPECT_FALSE(load_session(dir.path()));
}

TEST(Login, ThePasswordComesFromStandardInput) {
  const test::ConfigDir dir;
  test::ScriptedController controller;
  prepare(controller);
  const auto ran = test::run_apimctl({"login", controller.url(), "-u", "admin", "--password-stdin"},
                                     "from stdin\nmore\n");
  ASSERT_EQ(ran.exit, Exit::Done) << ran.err;
  EXPECT_EQ(load_session(dir.path())->password, "from stdin");
}

TEST(Login, WithoutAPasswordSaysHowToGiveIt) {
  const test::ConfigDir dir;
  test::ScriptedController controller;
  const auto ran = test::run_apimctl({"login", controller.url(), "-u", "admin"});
  EXPECT_EQ(ran.exit, Exit::Usage);
  EXPECT_NE(ran.err.find("APIM_PASSWORD"), std::string::npos);
}

TEST(Login, AWrongPasswordIsNotKept) {
  const test::ConfigDir dir;
  test::ScriptedController controller;
  prepare(controller);
  controller.answer("GET /api/apim/v1/me",
                    {{"code", 401}, {"message", "Unauthenticated"}, {"description", "wrong"}}, 401);
  const auto ran = test::run_apimctl({"login", controller.url(), "-u", "admin"}, "", kPassword);
  EXPECT_EQ(ran.exit, Exit::Refused);
  EXPECT_EQ(ran.err.find("trusted from now on"), std::string::npos) << ran.err;
  EXPECT_FALSE(load_session(dir.path()));
}

TEST(Login, AClearAddressIsRefused) {
  const test::ConfigDir dir;
  EXPECT_EQ(test::run_apimctl({"login", "http://h:9443", "-u", "admin"}, "", kPassword).exit,
            Exit::Usage);
}

TEST(Login, AChangedCertificateIsRefusedAtTheSecondLoginToo) {
  const test::ConfigDir dir;
  test::ScriptedController controller;
  prepare(controller);
  std::string other = controller.fingerprint();
  other[0] = other[0] == 'A' ? 'B' : 'A';
  ASSERT_TRUE(save_session(dir.path(), {controller.url(), "admin", "secret", other}));
  const auto ran = test::run_apimctl({"login", controller.url(), "-u", "admin"}, "", kPassword);
  EXPECT_EQ(ran.exit, Exit::Unreachable);
  EXPECT_TRUE(controller.seen().empty());
}

}  // namespace
}  // namespace apim::cli
