// What the settings promise: every bad line is named, with what would have been right.

#include "base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace apim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::expected<Settings, ConfigErrors> parse(std::string_view text,
                                            std::vector<std::string> overrides = {}) {
  return parse_settings(text, "gateway.toml", overrides);
}

std::vector<std::string> errors_of(std::string_view text, std::vector<std::string> overrides = {}) {
  const auto settings = parse(text, std::move(overrides));
  return settings ? std::vector<std::string>{} : settings.error().lines;
}

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Config, DefaultsAreTheDocumentedOnes) {
  const Settings settings = default_settings();
  EXPECT_EQ(settings.listen.http.text(), "0.0.0.0:8280");
  EXPECT_EQ(settings.listen.admin.text(), "127.0.0.1:9190");
  EXPECT_EQ(settings.listen.default_vhost, "localhost");
  EXPECT_TRUE(settings.listen.trusted_proxies.empty());
  EXPECT_EQ(settings.gateway.environment, "Default");
  EXPECT_EQ(settings.limits.body_bytes, 64u << 20);
  EXPECT_EQ(settings.upstream.response_ms, 15'000u);
  EXPECT_EQ(settings.log.level, log::Level::Info);
  EXPECT_TRUE(settings.cors.enabled);
  EXPECT_THAT(settings.cors.allow_methods,
              ElementsAre("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"));
}

TEST(Config, ThePrintedDefaultsReadBackAsTheDefaults) {
  const auto settings = parse(print_default_settings());
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->snapshot.hub, default_settings().snapshot.hub);
  EXPECT_EQ(settings->limits.head_bytes, default_settings().limits.head_bytes);
}

TEST(Config, TheShippedFileIsThePrintedDefault) {
  EXPECT_EQ(file_text(APIM_SOURCE_DIR "/conf/gateway.toml"), print_default_settings());
}

TEST(Config, EveryKindIsReadFromAFile) {
  const auto settings = parse(
      "[listen]\nhttp = \"[::1]:0\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n"
      "[limits]\nhead_bytes = \"64 KiB\"\nheader_count = 50\n"
      "[timeouts]\nidle_ms = \"2 min\"\n"
      "[log]\nlevel = \"debug\"\n"
      "[cors]\nenabled = false\nallow_origins = [\"https://a.example\"]\n");
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->listen.http.host, "::1");
  EXPECT_EQ(settings->listen.http.port, 0);
  ASSERT_EQ(settings->listen.trusted_proxies.size(), 2u);
  EXPECT_TRUE(settings->listen.trusted_proxies[0].holds(*parse_address("10.1.2.3")));
  EXPECT_EQ(settings->limits.head_bytes, 65536u);
  EXPECT_EQ(settings->limits.header_count, 50u);
  EXPECT_EQ(settings->timeouts.idle_ms, 120'000u);
  EXPECT_EQ(settings->log.level, log::Level::Debug);
  EXPECT_FALSE(settings->cors.enabled);
  EXPECT_THAT(settings->cors.allow_origins, ElementsAre("https://a.example"));
}

TEST(Config, AnUnknownKeyNamesItsLineAndTheNearestOne) {
  EXPECT_THAT(errors_of("[limits]\n\nhead_byte = 1024\n"),
              ElementsAre("gateway.toml:3: limits.head_byte is not a setting; did you mean "
                          "limits.head_bytes?"));
}

TEST(Config, BeyondAsciiOnlyStringsAndCommentsMayGo) {
  const auto settings =
      parse("# Gr\u00fc\u00dfe\n[cors]\nallow_origins = [\"https://caf\u00e9.example\"]\n");
  ASSERT_TRUE(settings.has_value());
  EXPECT_THAT(settings->cors.allow_origins, ElementsAre("https://caf\u00e9.example"));
  // toml++ must not see them: see schemas/plain_toml.h.
  for (const char* bad : {"\n[log]\nlevel\u02d8= 6\n", "\nx = 'a'\u02d8\n", "#\n\u02d8\n",
                          "\nx = \"\"\"\\ \u02d8\"\"\"\n", "\nx = \"a\\\"\" \u02d8\n"}) {
    EXPECT_THAT(errors_of(bad), ElementsAre(HasSubstr("beyond ASCII"))) << bad;
  }
  EXPECT_FALSE(parse("", {"log.level=\u02d8\u02d8"}).has_value());
  EXPECT_FALSE(parse("", {"limits.head_bytes=1\u02d8"}).has_value());
}

TEST(Config, AKeyInTheWrongSectionIsLedHome) {
  EXPECT_THAT(errors_of("[listen]\nhead_bytes = 1024\n"),
              ElementsAre(HasSubstr("did you mean limits.head_bytes?")));
}

TEST(Config, AKeyLikeNoOtherGetsTheSectionsList) {
  EXPECT_THAT(errors_of("[drain]\nwhatever_it_may_be = 1\n"),
              ElementsAre(HasSubstr("[drain] has timeout_ms")));
}

TEST(Config, AnUnknownSectionGetsTheListOfSections) {
  EXPECT_THAT(errors_of("[server]\nport = 1\n"),
              ElementsAre(HasSubstr("gateway.toml:1: [server] is not a section; the sections are "
                                    "listen, worker")));
}

TEST(Config, AKeyOutsideOfASectionIsRefused) {
  EXPECT_THAT(errors_of("head_bytes = 1\n"), ElementsAre(HasSubstr("outside of a section")));
}

TEST(Config, ANumberOutOfBoundsSaysTheBounds) {
  EXPECT_THAT(errors_of("[limits]\nheader_count = 7\n"),
              ElementsAre("gateway.toml:2: limits.header_count must be a whole number from 8 to "
                          "1000"));
  EXPECT_THAT(errors_of("[limits]\nhead_bytes = \"2 MiB\"\n"),
              ElementsAre(HasSubstr("from 1 KiB to 1 MiB")));
  EXPECT_THAT(errors_of("[timeouts]\nhead_ms = -1\n"), ElementsAre(HasSubstr("timeouts.head_ms")));
}

TEST(Config, AWrongTypeSaysTheRightOne) {
  EXPECT_THAT(errors_of("[cors]\nenabled = \"yes\"\n"),
              ElementsAre("gateway.toml:2: cors.enabled must be true or false"));
  EXPECT_THAT(errors_of("[listen]\nhttp = 8280\n"),
              ElementsAre(HasSubstr("must be an address and a port such as \"127.0.0.1:8280\"")));
  EXPECT_THAT(errors_of("[listen]\ntrusted_proxies = [\"10.0.0.0/40\"]\n"),
              ElementsAre(HasSubstr("list of addresses or ranges")));
  EXPECT_THAT(errors_of("[log]\nlevel = \"loud\"\n"), ElementsAre(HasSubstr("\"debug\"")));
  EXPECT_THAT(errors_of("log = 1\n"), ElementsAre(HasSubstr("must be a section: [log]")));
}

TEST(Config, BadAddressesAndPortsAreRefused) {
  for (const char* text : {"localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:8x", "::1:80", "[127.0.0.1]:80", "[::1]80", "", ":80"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(errors_of("", {std::string("listen.http=") + text}).size(), 1u);
  }
}

TEST(Config, EveryProblemIsReportedAtOnce) {
  EXPECT_EQ(errors_of("[limits]\nhead_bytes = 1\nline_bytes = 1\n[x]\n", {"nonsense"}).size(), 4u);
}

TEST(Config, BrokenTomlNamesItsLine) {
  EXPECT_THAT(errors_of("[limits]\nhead_bytes = \n"),
              ElementsAre(HasSubstr("gateway.toml:2: not TOML")));
  EXPECT_THAT(errors_of("[log]\n[\x04"), ElementsAre(HasSubstr("gateway.toml:2: not TOML: ")));
}

TEST(Config, OverridesComeLastAndNeedNoQuotes) {
  const auto settings =
      parse("[limits]\nheader_count = 50\n",
            {"limits.header_count=60", "gateway.id=a b\"c", "limits.body_bytes=1MiB",
             "cors.allow_methods=GET,POST", "listen.trusted_proxies=10.0.0.0/8",
             "cors.enabled=false", "gateway.environment=12", "log.access="});
  ASSERT_TRUE(settings.has_value()) << settings.error().lines.front();
  EXPECT_EQ(settings->limits.header_count, 60u);
  EXPECT_EQ(settings->gateway.id, "a b\"c");
  EXPECT_EQ(settings->limits.body_bytes, 1u << 20);
  EXPECT_THAT(settings->cors.allow_methods, ElementsAre("GET", "POST"));
  EXPECT_EQ(settings->listen.trusted_proxies.size(), 1u);
  EXPECT_FALSE(settings->cors.enabled);
  EXPECT_EQ(settings->gateway.environment, "12");
  EXPECT_EQ(settings->log.access, "");
}

TEST(Config, ABadOverrideIsNamed) {
  EXPECT_THAT(errors_of("", {"limits.headers=1"}),
              ElementsAre(HasSubstr("--set limits.headers=1: limits.headers is not a setting")));
  EXPECT_THAT(errors_of("", {"limits.head_bytes"}), ElementsAre(HasSubstr("section.key=value")));
  EXPECT_THAT(errors_of("", {"limits.head_bytes=1\ncors.enabled=2"}),
              ElementsAre(HasSubstr("must be a number of bytes")));
}

TEST(Config, AProblemIsOneLineWhateverItQuotes) {
  for (const std::string& line :
       errors_of("[log]\n\"a\\n\\u001b[2J\\u007f\" = 1\n", {"log.\nlevel=\x1b", "a\rb"})) {
    EXPECT_THAT(line, testing::Each(
                          testing::Truly([](unsigned char c) { return c >= 0x20 && c != 0x7f; })));
  }
}

TEST(Config, AFileThatCannotBeReadSaysWhy) {
  const auto settings = load_settings("/nonexistent/gateway.toml", {});
  ASSERT_FALSE(settings.has_value());
  EXPECT_THAT(settings.error().lines,
              ElementsAre("/nonexistent/gateway.toml: cannot be read: No such file or directory"));
}

TEST(Config, AFileIsReadWhole) {
  const std::string path = testing::TempDir() + "/config_test.toml";
  std::ofstream(path) << std::string(10'000, '#') << "\n[worker]\ncount = 3\n";
  const auto settings = load_settings(path, std::vector<std::string>{"gateway.id=x"});
  std::remove(path.c_str());
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->worker.count, 3u);
  EXPECT_EQ(settings->gateway.id, "x");
}

}  // namespace
}  // namespace apim
