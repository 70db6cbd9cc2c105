// What a Session promises: kept for its owner only, and never sent in clear.

#include "cli/session.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "controller/cli/support_controller.h"

namespace apim::cli {
namespace {

const std::string kFingerprint = "AA:" + [] {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "00:";
  return text;
}() + "BB";

TEST(Session, ComesBackAsItWasSaved) {
  const test::ConfigDir dir;
  const Session session{"https://h:1", "admin", "p\"w\n", kFingerprint};
  ASSERT_TRUE(save_session(dir.path(), session));
  const auto loaded = load_session(dir.path());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->url, session.url);
  EXPECT_EQ(loaded->user, session.user);
  EXPECT_EQ(loaded->password, session.password);
  EXPECT_EQ(loaded->fingerprint, session.fingerprint);
}

TEST(Session, IsReadableByItsOwnerOnly) {
  const test::ConfigDir dir;
  std::ofstream(dir.path() / "config.json") << "old, and readable by all";
  ASSERT_TRUE(save_session(dir.path(), {"https://h:1", "u", "p", kFingerprint}));
  struct stat state {};
  ASSERT_EQ(::stat((dir.path() / "config.json").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777U, 0600U);
}

TEST(Session, WithoutALoginSaysHowToLogIn) {
  const test::ConfigDir dir;
  const auto loaded = load_session(dir.path());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().exit, Exit::Usage);
  EXPECT_NE(loaded.error().advice.find("apimctl login"), std::string::npos);
}

TEST(Session, ADamagedFileIsSaid) {
  const test::ConfigDir dir;
  for (const char* text : {"", "{", "[]", "{\"url\": 5}"}) {
    std::ofstream(dir.path() / "config.json") << text;
    const auto loaded = load_session(dir.path());
    ASSERT_FALSE(loaded) << text;
    EXPECT_NE(loaded.error().message.find("config.json"), std::string::npos);
  }
}

TEST(Session, AddressesAreHttpsOnly) {
  const auto full = parse_url("https://controller.example:9444/");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->host, "controller.example");
  EXPECT_EQ(full->port, 9444);
  EXPECT_EQ(parse_url("https://h")->port, 9443);
  EXPECT_EQ(parse_url("https://[::1]:80")->host, "::1");
  for (const char* bad : {"http://h:1", "h:1", "", "https://", "https://h:0", "https://h:70000",
                          "https://h:x", "https://u:p@h:1", "https://h/path"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
}

TEST(Session, AdminPortsAreHttpOnly) {
  EXPECT_EQ(parse_admin_url("http://h")->port, 9190);
  EXPECT_EQ(parse_admin_url("http://[::1]")->host, "::1");
  EXPECT_EQ(parse_admin_url("http://[::1]:91/")->port, 91);
  for (const char* bad :
       {"https://h:1", "h:1", "", "http://", "http://h:0", "http://u@h", "http://h/why"})
    EXPECT_FALSE(parse_admin_url(bad)) << bad;
}

TEST(Session, FingerprintsHaveOneForm) {
  std::string lower = "aa";
  for (int i = 0; i < 30; ++i) lower += "00";
  lower += "bb";
  ASSERT_TRUE(parse_fingerprint(lower));
  EXPECT_EQ(*parse_fingerprint(lower), kFingerprint);
  EXPECT_EQ(*parse_fingerprint(kFingerprint), kFingerprint);
  EXPECT_FALSE(parse_fingerprint("aa:bb"));
  EXPECT_FALSE(parse_fingerprint(lower + "00"));
  EXPECT_FALSE(parse_fingerprint("zz" + lower.substr(2)));
}

}  // namespace
}  // namespace apim::cli
