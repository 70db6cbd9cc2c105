// The parts that need no server: settings, targets, bodies, multipart, certificate, router, pages,
// documents.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "controller/service/support_office.h"
#include "rest/certificate.h"
#include "rest/config.h"
#include "rest/documents.h"
#include "rest/fields.h"
#include "rest/message.h"
#include "rest/multipart.h"
#include "rest/page.h"
#include "rest/router.h"
#include "rest/target.h"
#include "rest/versions.h"

namespace apim::rest {
namespace {

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// ---- config

TEST(Config, TheShippedFileIsWhatPrintConfigPrints) {
  EXPECT_EQ(read_file(std::filesystem::path(APIM_SOURCE_DIR) / "conf/controller.toml"),
            print_default_settings());
}

TEST(Config, EverySettingsDefaultReadsBack) {
  const auto settings = parse_settings(print_default_settings(), "controller.toml", {});
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->server.listen.port, 9443);
  EXPECT_EQ(settings->server.roles.size(), 3U);
}

TEST(Config, EveryMistakeIsNamedWithFileAndLine) {
  const auto settings = parse_settings(
      "[server]\nlisten = \"9443\"\nlisen = 1\nthreads = 1\n[nothing]\n", "c.toml", {});
  ASSERT_FALSE(settings.has_value());
  std::string all;
  for (const std::string& line : settings.error().lines) all += line + "\n";
  EXPECT_NE(all.find("c.toml:2: server.listen must be"), std::string::npos) << all;
  EXPECT_NE(all.find("c.toml:3: server.lisen is not a setting; did you mean server.listen?"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("c.toml:4: server.threads must be"), std::string::npos) << all;
  EXPECT_NE(all.find("c.toml:5: [nothing]"), std::string::npos) << all;
}

TEST(Config, OverridesWinAndAreCheckedToo) {
  const std::vector<std::string> good{"server.listen=[::1]:0", "login.wait_ms=2 s",
                                      "server.roles=admin,devportal", "server.body_bytes=1 MiB"};
  const auto settings = parse_settings("[server]\nlisten = \"127.0.0.1:1\"\n", "c.toml", good);
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->server.listen.text(), "[::1]:0");
  EXPECT_EQ(settings->login.wait_ms, 2000U);
  EXPECT_EQ(settings->server.body_bytes, 1U << 20);
  EXPECT_EQ(settings->server.roles, (std::vector<std::string>{"admin", "devportal"}));
  for (const char* bad : {"server.listen", "nothing=1", "publish.debounce_ms=21",
                          "egress.allow_metadata=yes", "server.listen=localhost:1"})
    EXPECT_FALSE(parse_settings("", "c.toml", std::vector<std::string>{bad}).has_value()) << bad;
  EXPECT_FALSE(load_settings("/nonexistent/c.toml", {}).has_value());
}

// ---- targets

TEST(Target, SegmentsAndQueryAreDecodedOnce) {
  const auto target = parse_target("/a/b%20c?x=1%262&y=a+b&z");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(target->query.at("x"), "1&2");
  EXPECT_EQ(target->query.at("y"), "a b");
  EXPECT_EQ(target->query.at("z"), "");
  EXPECT_EQ(parse_target("/%2561")->path[0], "%61");
}

TEST(Target, WhatCouldBeReadTwiceIsRefused) {
  for (const char* text :
       {"",       "a",       "http://h/a",  "//a",    "/a//b",    "/a/",        "/a//",
        "/a/./b", "/a/../b", "/a/%2E%2e/b", "/a%2Fb", "/a%5cb",   "/a\\b",      "/a%00",
        "/a%0a",  "/a%",     "/a%4",        "/a%gg",  "/a?x=%zz", "/a?x=1&x=2", "/a?x=%00"}) {
    EXPECT_FALSE(parse_target(text).has_value()) << text;
  }
}

TEST(Target, EncodingIsUndoneByDecoding) {
  for (const char* text : {"", "a b", "ü&=?/#%", "~-._"})
    EXPECT_EQ(percent_decode(percent_encode(text), false), text);
}

// ---- messages

TEST(Message, BrokenJsonIs400WithThePlace) {
  for (const char* text : {"", "{", "[1,]", "\"text\"", "1", "{\"a\": \xff}", "{} {}"}) {
    const auto parsed = parse_json(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().http_status, 400);
  }
  EXPECT_FALSE(parse_json(std::string(100'000, '[')).has_value());
  EXPECT_TRUE(parse_json("{\"a\": \"[[[[\"}").has_value());
}

TEST(Message, AProblemHasWso2sShape) {
  const Answer answer =
      problem_answer(model::invalid(900754, "wrong", {{"a.b", "is missing"}, {"", "is odd"}}));
  const auto body = nlohmann::json::parse(answer.body);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(body["code"], 900754);
  EXPECT_EQ(body["error"][0]["message"], "a.b: is missing");
  EXPECT_EQ(body["error"].size(), 2U);
  EXPECT_EQ(body["moreInfo"], "");
}

TEST(Message, TextThatIsNotUtf8StillGivesAnAnswer) {
  EXPECT_FALSE(json_answer({{"name", "\xff\xfe"}}).body.empty());
}

// ---- multipart

TEST(Multipart, PartsComeAsSent) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a "
      "\\\"b\\\".zip\"\r\nContent-Type: application/zip\r\n\r\n"
      "\r\n--c\x01\r\n\r\n--b\r\ncontent-disposition: form-data; "
      "name=additionalProperties\r\n\r\n{}\r\n--b\r\n"
      "Content-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--b--\r\n";
  const auto parts = parse_multipart("multipart/form-data; boundary=\"b\"", body);
  ASSERT_TRUE(parts.has_value()) << parts.error().description;
  EXPECT_EQ(parts->at("file").content, "\r\n--c\x01\r\n");
  EXPECT_EQ(parts->at("file").file_name, "a \"b\".zip");
  EXPECT_EQ(parts->at("file").type, "application/zip");
  EXPECT_EQ(parts->at("additionalProperties").content, "{}");
  EXPECT_EQ(parts->at("empty").content, "");
}

TEST(Multipart, APreambleIsSkipped) {
  const auto parts =
      parse_multipart("Multipart/Form-Data; boundary=b",
                      "hello\r\n--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->at("a").content, "1");
}

TEST(Multipart, WhatIsBrokenIsRefused) {
  const std::string type = "multipart/form-data; boundary=b";
  const std::string head = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n";
  for (const std::string& body :
       {std::string(), std::string("--b"), std::string("--b\r\n"),
        std::string("--b\r\n\r\n1\r\n--b--"), head + "1", head + "1\r\n--b", "--b x\r\n" + head,
        head + "1\r\n" + head + "2\r\n--b--", std::string("--b\r\nnocolon\r\n\r\n1\r\n--b--"),
        std::string("--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--"),
        std::string("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
                    "base64\r\n\r\n1\r\n--b--"),
        "--b\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n1\r\n--b--"}) {
    const auto parts = parse_multipart(type, body);
    ASSERT_FALSE(parts.has_value()) << body.substr(0, 80);
    EXPECT_EQ(parts.error().http_status, 400);
  }
  EXPECT_EQ(parse_multipart("application/json", "").error().http_status, 415);
  EXPECT_FALSE(parse_multipart("multipart/form-data", "--b--").has_value());
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "--b\r\nContent-Disposition: form-data; name=a" + std::to_string(i) + "\r\n\r\n1\r\n";
  EXPECT_FALSE(parse_multipart(type, many + "--b--").has_value());
}

// ---- certificate

TEST(Certificate, IsMadeOnceAndKept) {
  const service::testing::Office office;
  const auto folder = office.folder() / "tls";
  const auto first = service::testing::must(load_or_make_certificate(folder));
  const auto second = service::testing::must(load_or_make_certificate(folder));
  EXPECT_EQ(first.fingerprint.size(), 95U);
  EXPECT_EQ(first.fingerprint, second.fingerprint);
  struct stat state {};
  ASSERT_EQ(stat(first.key_file.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0600U);
}

TEST(Certificate, WhatIsNotSafeOrNotAPairIsRefused) {
  const service::testing::Office office;
  const auto pair = service::testing::must(load_or_make_certificate(office.folder() / "a"));
  const auto other = service::testing::must(load_or_make_certificate(office.folder() / "b"));
  chmod(pair.key_file.c_str(), 0644);
  EXPECT_FALSE(load_or_make_certificate(office.folder() / "a").has_value());
  std::filesystem::copy_file(other.key_file, pair.key_file,
                             std::filesystem::copy_options::overwrite_existing);
  chmod(pair.key_file.c_str(), 0600);
  EXPECT_FALSE(load_or_make_certificate(office.folder() / "a").has_value());
  std::filesystem::remove(pair.key_file);
  EXPECT_FALSE(load_or_make_certificate(office.folder() / "a").has_value());
  std::ofstream(other.certificate_file) << "nonsense";
  EXPECT_FALSE(load_or_make_certificate(office.folder() / "b").has_value());
}

// ---- router

TEST(Router, LiteralsWinOverParameters) {
  const Router router({Role::Publisher});
  const std::vector<std::string> base{"api", "am", "publisher", "v4"};
  const auto find = [&](std::string_view method, std::vector<std::string> rest) {
    std::vector<std::string> path = base;
    path.insert(path.end(), rest.begin(), rest.end());
    return router.find(method, path);
  };
  EXPECT_EQ(find("GET", {"apis", "export"}).route->pattern, "/apis/export");
  const auto found = find("GET", {"apis", "17"});
  EXPECT_EQ(found.route->pattern, "/apis/{apiId}");
  EXPECT_EQ(found.parameters, std::vector<std::string>{"17"});
  EXPECT_EQ(find("HEAD", {"apis", "17"}).route->pattern, "/apis/{apiId}");
  EXPECT_EQ(find("GET", {"nothing"}).allowed, "");
}

TEST(Router, NoTwoRowsAnswerTheSame) {
  std::set<std::string> seen;
  for (const Route* route : all_routes())
    EXPECT_TRUE(seen.insert(std::string(route->method) + std::string(route->base) +
                            std::string(route->pattern))
                    .second)
        << route->pattern;
}

TEST(Router, NothingThatChangesIsOpenToAnybody) {
  for (const Route* route : all_routes())
    EXPECT_TRUE(route->method == "GET" || route->permission.needs_login()) << route->pattern;
}

// ---- pages and fields

TEST(Page, LimitsAndOffsetsAreBounded) {
  for (const char* limit : {"0", "1001", "-1", "x", "1.5"}) {
    Request request;
    request.query["limit"] = limit;
    EXPECT_EQ(read_page(request).error().http_status, 400) << limit;
  }
  EXPECT_EQ(read_page({}).value().limit, 25U);
  Request request;
  request.query["dryRun"] = "maybe";
  EXPECT_FALSE(read_flag(request, "dryRun", false).has_value());
  EXPECT_FALSE(read_required(request, "name").has_value());
}

TEST(Fields, EveryFindingIsGathered) {
  const nlohmann::json body = {{"a", 1}, {"b", "text"}, {"c", {1}}, {"d", nullptr}};
  Fields fields(body, "top");
  fields.required_text("a");
  fields.number("b", 0);
  fields.texts("c");
  fields.required_text("d");
  fields.flag("b", false);
  const auto done = fields.done("wrong");
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().findings.size(), 5U);
  EXPECT_EQ(done.error().findings[0].where, "top.a");
}

// ---- documents

TEST(Documents, AreTheFilesOfSchemasRest) {
  const std::filesystem::path folder = std::filesystem::path(APIM_SOURCE_DIR) / "schemas/rest";
  EXPECT_EQ(document_text(Document::Publisher), read_file(folder / "publisher.yaml"));
  EXPECT_EQ(document_text(Document::Devportal), read_file(folder / "devportal.yaml"));
  EXPECT_EQ(document_text(Document::Admin), read_file(folder / "admin.yaml"));
  EXPECT_EQ(document_text(Document::Apim), read_file(folder / "apim.yaml"));
}

// Every route is described with its method and the scopes it really asks for, and nothing else is
// described.
TEST(Documents, AndTheRouterSayTheSame) {
  struct Served {
    Document document;
    std::span<const Route> routes;
  };
  for (const Served& served :
       {Served{Document::Publisher, publisher_routes()},
        Served{Document::Devportal, devportal_routes()}, Served{Document::Admin, admin_routes()},
        Served{Document::Apim, apim_routes()}}) {
    std::set<std::string> described;
    std::istringstream lines{std::string(document_text(served.document))};
    std::string path;
    std::string operation;
    for (std::string line; std::getline(lines, line) && line != "components:";) {
      if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
      for (const char* method : {"get", "put", "post", "delete", "patch"})
        if (line == std::string("    ") + method + ":")
          operation = std::string(method) + " " + path + " ";
      if (line == "      security: []") described.insert(operation + "open");
      if (line.starts_with("      x-scopes: ["))
        described.insert(operation + line.substr(17, line.size() - 18));
    }
    std::set<std::string> routed;
    for (const Route& route : served.routes) {
      std::string method(route.method);
      for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      routed.insert(method + " " + std::string(route.pattern) + " " +
                    (route.permission.needs_login() ? route.permission.to_text() : "open"));
    }
    EXPECT_EQ(described, routed);
  }
}

TEST(Versions, NameEveryLibrary) {
  for (const char* name : {"apim-controller", "OpenSSL", "cpp-httplib", "SOCI", "SQLite", "libpq",
                           "libsodium", "FlatBuffers"})
    EXPECT_NE(versions_text().find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace apim::rest
