// What the publisher's routes promise, over TLS. Shapes of every answer:
// tests/scenes/62_rest_test.py.

#include <gtest/gtest.h>

#include "controller/rest/support_house.h"
#include "import/files.h"

namespace apim::rest {
namespace {

using service::testing::must;
using service::testing::pizza;
using testing::House;
using testing::kPublisher;
using testing::pizza_yaml;
using testing::Reply;
using testing::zip_of;

TEST(Publisher, AnImportedProjectIsExportedAndImportedAgain) {
  const House house;
  const std::string import = kPublisher + "/apis/import";
  const Reply imported = house.upload(import, zip_of(pizza_yaml(), true));
  ASSERT_EQ(imported.status, 200) << imported.body;
  EXPECT_EQ(imported.json()["revision"], "1");
  const std::string export_path = kPublisher + "/apis/export?name=pizza&version=1.0.0";
  const Reply exported = house.get(export_path);
  ASSERT_EQ(exported.status, 200);
  EXPECT_EQ(exported.header("content-type"), "application/zip");
  EXPECT_TRUE(must(import::read_zip(exported.body)).contains("api.yaml"));
  EXPECT_EQ(house.upload(import, exported.body).status, 409);
  const Reply again = house.upload(import + "?overwrite=true", exported.body);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.json()["revision"], "2");
  EXPECT_EQ(must(import::read_zip(house.get(export_path).body)).size(),
            must(import::read_zip(exported.body)).size());
}

TEST(Publisher, SecretsOfBackEndsAreTakenButNotShown) {
  House house;
  house.add_user("carla", "carla carla", {"Internal/creator"});
  auto document = pizza();
  document["endpointConfig"]["endpoint_security"] = {
      {"production",
       {{"enabled", true}, {"type", "BASIC"}, {"username", "u"}, {"password", "hush"}}}};
  const Reply made = house.post(kPublisher + "/apis", document);
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = kPublisher + "/apis/" + made.json()["id"].get<std::string>();
  const Reply shown = house.get(path);
  const Reply changed = house.put(path, shown.json());
  ASSERT_EQ(changed.status, 200) << changed.body;
  for (const Reply& reply : {made, shown, changed}) {
    EXPECT_EQ(reply.body.find("hush"), std::string::npos);
    EXPECT_NE(reply.body.find("\"password\":\"\""), std::string::npos) << reply.body;
  }
  const std::string plain = kPublisher + "/apis/export?name=pizza&version=1.0.0";
  const std::string whole = plain + "&preserveCredentials=true";
  const auto project = [&](const testing::Ask& ask) {
    const Reply reply = house.ask(ask);
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::string text;
    for (const auto& [name, content] : must(import::read_zip(reply.body))) text += content;
    return text;
  };
  EXPECT_EQ(project({.path = plain}).find("hush"), std::string::npos);
  EXPECT_NE(project({.path = whole}).find("hush"), std::string::npos);
  EXPECT_EQ(project({.path = whole, .user = "carla:carla carla"}).find("hush"), std::string::npos);
}

TEST(Publisher, ABadProjectNamesFileAndLine) {
  const House house;
  const Reply reply = house.upload(kPublisher + "/apis/import",
                                   zip_of("type: api\ndata:\n  name: p\n  context: [1]\n", false));
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("api.yaml:4"), std::string::npos) << reply.body;
}

TEST(Publisher, ListsComeInPagesThatLinkToEachOther) {
  const House house;
  for (const char* version : {"1.0.0", "2.0.0", "3.0.0"}) {
    auto document = pizza();
    document["version"] = version;
    ASSERT_EQ(house.post(kPublisher + "/apis", document).status, 201);
  }
  std::string path = "/apis?limit=2&query=name:pizza";
  std::vector<std::string> versions;
  while (!path.empty()) {
    const auto page = house.get(kPublisher + path).json();
    EXPECT_EQ(page["pagination"]["total"], 3);
    for (const auto& api : page["list"]) versions.push_back(api["version"]);
    path = page["pagination"]["next"];
  }
  EXPECT_EQ(versions, (std::vector<std::string>{"1.0.0", "2.0.0", "3.0.0"}));
  const auto last = house.get(kPublisher + "/apis?limit=2&offset=2").json();
  EXPECT_EQ(last["pagination"]["previous"], "/apis?limit=2&offset=0");
}

TEST(Publisher, UnknownMembersOfADocumentComeBack) {
  const House house;
  auto document = pizza();
  document["somethingNew"] = {{"a", 1}};
  const Reply made = house.post(kPublisher + "/apis", document);
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(house.get(made.header("location")).json()["somethingNew"]["a"], 1);
}

TEST(Publisher, ADefinitionIsMadeWhenThereIsNone) {
  const House house;
  const Reply made = house.post(kPublisher + "/apis", pizza());
  const auto definition = house.get(made.header("location") + "/swagger").json();
  EXPECT_TRUE(definition["paths"]["/menu"].contains("get"));
}

TEST(Publisher, DefinitionsAreNeverFetched) {
  const House house;
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\nhttp://169.254.169.254/\r\n--b--";
  const Reply reply = house.ask({.method = "POST",
                                 .path = kPublisher + "/apis/import-openapi",
                                 .body = body,
                                 .type = "multipart/form-data; boundary=b"});
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("not fetched"), std::string::npos);
}

}  // namespace
}  // namespace apim::rest
