#include "compile/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"
#include "routes_generated.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Claims : public testing::Test {
 protected:
  std::vector<std::string> lower() {
    std::vector<std::string> out;
    for (const Claim& claim : lower_claims(deployed_, findings_)) {
      out.push_back(claim.vhost + " " + claim.text + (claim.is_default_version ? " default" : ""));
    }
    return out;
  }

  model::DeployedApi deployed_ = support::pizza();
  std::vector<Finding> findings_;
};

TEST_F(Claims, OnePerVhost) {
  deployed_.vhosts = {"LOCALHOST", "api.example.com"};
  EXPECT_THAT(lower(), ElementsAre("api.example.com /pizza/1.0.0", "localhost /pizza/1.0.0"));
  EXPECT_THAT(findings_, IsEmpty());
}

TEST_F(Claims, ADefaultVersionIsAlsoReachedWithoutIt) {
  deployed_.api.is_default_version = true;
  EXPECT_THAT(lower(), ElementsAre("localhost /pizza default", "localhost /pizza/1.0.0"));
}

TEST_F(Claims, TheVersionMayStandAnywhereInTheTemplate) {
  deployed_.api.is_default_version = true;
  deployed_.api.context = "/a/1.0.0/b";
  deployed_.api.context_template = "/a/{version}/b";
  EXPECT_THAT(lower(), ElementsAre("localhost /a/1.0.0/b", "localhost /a/b default"));
}

TEST_F(Claims, TheRootIsASlash) {
  deployed_.api.is_default_version = true;
  deployed_.api.context = "/1.0.0";
  deployed_.api.context_template = "/{version}";
  EXPECT_THAT(lower(), ElementsAre("localhost / default", "localhost /1.0.0"));
}

TEST_F(Claims, BadContextsAndHostsAreFindings) {
  deployed_.vhosts = {"bad host"};
  deployed_.api.context = "/a b/1.0.0";
  lower();
  EXPECT_THAT(support::lines_of(findings_),
              ElementsAre("context: '/a b/1.0.0' has to be written '/a%20b/1.0.0'",
                          "vhost: 'bad host' is not a host"));
  findings_.clear();
  deployed_.vhosts = {};
  deployed_.api.context = "/a/{x}/1.0.0";
  lower();
  EXPECT_THAT(
      support::lines_of(findings_),
      ElementsAre("context: '/a/{x}/1.0.0' has '{', '}' or '*'; only {version} may stand in "
                  "a context template",
                  "vhost: the deployment names no vhost"));
  findings_.clear();
  deployed_.vhosts = {"localhost"};
  for (const std::string& context :
       {std::string("pizza"), std::string("/a/../b"), "/" + std::string(1'100, 'a')}) {
    deployed_.api.context = context;
    lower();
  }
  std::string deep;
  for (int i = 0; i < 64; ++i) deep += "/a";
  deployed_.api.context = deep;
  lower();
  EXPECT_THAT(support::lines_of(findings_), ElementsAre("context: 'pizza' does not start with '/'",
                                                        "context: '/a/../b' has a dot segment",
                                                        HasSubstr("is longer than 1024 bytes"),
                                                        HasSubstr("has more than 63 segments")));
}

TEST(Conflicts, TheLaterApiLosesAllItsContexts) {
  const Claim shared{.vhost = "h", .text = "/a", .is_default_version = false};
  const Claim other{.vhost = "h", .text = "/b", .is_default_version = false};
  const Claim elsewhere{.vhost = "i", .text = "/a", .is_default_version = false};
  const std::vector<std::string> names{"one", "two", "three", "four"};
  const std::vector<std::vector<Claim>> claims{{shared}, {other, shared}, {other}, {elsewhere}};
  Claimants claimants;
  for (uint32_t i = 0; i < 4; ++i) claimants[i + 1] = {&names[i], &claims[i]};
  const auto losers = conflicts(claimants);
  ASSERT_EQ(losers.size(), 1U);
  EXPECT_THAT(support::lines_of(losers.at(2)),
              ElementsAre("context: '/a' on vhost 'h' is already taken by API 'one'"));
}

TEST(Routes, EveryContextIsFoundByItsHash) {
  std::map<uint32_t, std::vector<Claim>> claims;
  for (uint32_t id = 1; id <= 1'000; ++id) {
    claims[id] = {
        {.vhost = "h", .text = "/context/" + std::to_string(id), .is_default_version = false}};
  }
  claims[1'001] = {{.vhost = "h", .text = "/", .is_default_version = true}};
  Claimants claimants;
  for (const auto& [id, list] : claims) claimants[id] = {nullptr, &list};
  const std::string payload = build_routes(claimants);
  const fbs::Vhost* vhost = fbs::GetRoutes(payload.data())->vhosts()->Get(0);
  EXPECT_EQ(vhost->depth_mask(), 0b101U);
  const auto* texts = reinterpret_cast<const char*>(vhost->texts()->data());
  const uint32_t buckets = vhost->index()->size() - 1;
  for (const auto& [id, list] : claims) {
    const uint32_t bucket = layout::bucket_of(layout::hash_bytes(list[0].text), buckets);
    uint32_t found = 0;
    for (uint32_t i = vhost->index()->Get(bucket); i < vhost->index()->Get(bucket + 1); ++i) {
      const fbs::RouteEntry* entry = vhost->entries()->Get(i);
      const std::string_view text(texts + entry->text_offset(), entry->text_length());
      if (text == list[0].text) found = entry->api();
    }
    EXPECT_EQ(found, id);
  }
}

}  // namespace
}  // namespace apim::compile
