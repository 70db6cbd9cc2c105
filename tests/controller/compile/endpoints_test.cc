#include "compile/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "controller/compile/support_catalog.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Endpoints, AUrlIsSplitIntoWhatIsConnectedToAndSent) {
  const auto backend = parse_backend("HTTPS://Backend.Example:8443/base/v1/", false);
  ASSERT_TRUE(backend.has_value());
  EXPECT_EQ(*backend, (Backend{.key = layout::hash_bytes("https://backend.example:8443"),
                               .tls = true,
                               .host = "backend.example",
                               .port = 8443,
                               .authority = "backend.example:8443",
                               .path = "/base/v1"}));
}

TEST(Endpoints, TheDefaultPortIsNamedInTheKeyAndNotInTheAuthority) {
  const auto backend = parse_backend("http://backend", false);
  ASSERT_TRUE(backend.has_value());
  EXPECT_EQ(backend->key, layout::hash_bytes("http://backend:80"));
  EXPECT_EQ(backend->port, 80);
  EXPECT_EQ(backend->authority, "backend");
  EXPECT_EQ(backend->path, "");
}

TEST(Endpoints, AnIpv6HostHasItsBracketsInTheTextsOnly) {
  const auto backend = parse_backend("http://[2001:DB8::1]:8080/", false);
  ASSERT_TRUE(backend.has_value());
  EXPECT_EQ(backend->host, "2001:db8::1");
  EXPECT_EQ(backend->authority, "[2001:db8::1]:8080");
  EXPECT_EQ(backend->key, layout::hash_bytes("http://[2001:db8::1]:8080"));
}

TEST(Endpoints, BadUrlsAreNamed) {
  for (const char* bad :
       {"", "htp:/x", "ftp://x", "http://", "http://u:p@h/", "http://h:0/", "http://h:65536/",
        "http://h/?a=b", "http://h/#f", "http://h/{uri.var.x}", "http://127.1/", "http://[::1/"}) {
    EXPECT_FALSE(parse_backend(bad, true).has_value()) << bad;
  }
  EXPECT_THAT(parse_backend("htp:/x", false).error(), HasSubstr("htp:/x"));
}

TEST(Endpoints, MetadataAddressesNeedAPermission) {
  for (const char* url : {"http://169.254.169.254/latest", "http://[fe80::1]/",
                          "http://[fd00:ec2::254]/", "http://metadata.google.internal/",
                          "http://[::ffff:169.254.169.254]/", "http://Metadata/"}) {
    const auto backend = parse_backend(url, false);
    ASSERT_FALSE(backend.has_value()) << url;
    EXPECT_THAT(backend.error(), HasSubstr("metadata address; egress.allow_metadata permits it"));
    EXPECT_TRUE(parse_backend(url, true).has_value()) << url;
  }
}

TEST(Endpoints, EveryBadUrlOfAGroupIsAFinding) {
  model::EndpointGroup group{.endpoints = {{.url = "http://a", .tuning = {}},
                                           {.url = "x", .tuning = {}},
                                           {.url = "y", .tuning = {}}}};
  group.endpoints[0].tuning.suspend_factor = std::numeric_limits<double>::infinity();
  std::vector<Finding> findings;
  lower_group(group, "production", {}, findings);
  EXPECT_THAT(support::lines_of(findings),
              ElementsAre("production: its suspension factor is not a number from 0 to 1000",
                          testing::StartsWith("production: 'x' is not an endpoint URL"),
                          testing::StartsWith("production: 'y' is not an endpoint URL")));
}

TEST(Endpoints, AGroupHasFromOneToSixtyFour) {
  std::vector<Finding> findings;
  lower_group({}, "sandbox", {}, findings);
  model::EndpointGroup many;
  many.endpoints.resize(65, {.url = "http://a", .tuning = {}});
  lower_group(many, "sandbox", {}, findings);
  EXPECT_THAT(support::lines_of(findings),
              ElementsAre("sandbox: there is none in the list", "sandbox: there are more than 64"));
}

}  // namespace
}  // namespace apim::compile
