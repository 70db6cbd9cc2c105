// Which endpoint URLs are taken, and why not.

#include "model/endpoint_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apim::model {
namespace {

TEST(EndpointUrl, TakesAnAddressApart) {
  EXPECT_EQ(parse_endpoint_url("http://Backend.Example/api/v1/").value(),
            (EndpointUrl{false, "backend.example", 80, "backend.example", "/api/v1"}));
  EXPECT_EQ(parse_endpoint_url("HTTPS://10.1.2.3:8443").value(),
            (EndpointUrl{true, "10.1.2.3", 8443, "10.1.2.3:8443", ""}));
  EXPECT_EQ(parse_endpoint_url("https://[2001:DB8::1]:443/x").value(),
            (EndpointUrl{true, "2001:db8::1", 443, "[2001:db8::1]", "/x"}));
}

TEST(EndpointUrl, RefusesWhatNoBackendHas) {
  for (const char* const url : {"",
                                "tea",
                                "ftp://a",
                                "http:/a",
                                "http://",
                                "http://:80",
                                "http://a:",
                                "http://a:0",
                                "http://a:65536",
                                "http://a:8o",
                                "http://a b",
                                "http://a..b",
                                "http://.a",
                                "http://-a",
                                "http://1.2.3",
                                "http://2130706433",
                                "http://0x7f000001",
                                "http://1.2.3.256",
                                "http://[::1",
                                "http://[::1]x",
                                "http://[a]",
                                "http://a/../b",
                                "http://a/%zz",
                                "http://a/b c",
                                "http://a/\"",
                                "http://a/b?c",
                                "http://a#b",
                                "http://user@a",
                                "http://a/${X}",
                                "http://a/{x}",
                                "http://a\\b",
                                "http://a\n",
                                "http://\xC3\xA9"}) {
    EXPECT_FALSE(parse_endpoint_url(url).has_value()) << url;
  }
}

TEST(EndpointUrl, NamesTheReason) {
  EXPECT_THAT(parse_endpoint_url("http://a:99999").error(),
              testing::HasSubstr("'99999', which is not within"));
  EXPECT_THAT(parse_endpoint_url("http://a/${X}").error(), testing::HasSubstr("was not replaced"));
}

TEST(EndpointUrl, NeverShowsAPassword) {
  EXPECT_THAT(parse_endpoint_url("http://user:secret@a/").error(),
              testing::Not(testing::HasSubstr("secret")));
  EXPECT_THAT(parse_endpoint_url("ftp://user:secret@a/").error(),
              testing::Not(testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace apim::model
