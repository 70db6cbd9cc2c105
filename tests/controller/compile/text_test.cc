#include "compile/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apim::compile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, ATokenHasNoSeparators) {
  EXPECT_TRUE(is_token("X-Request-Id"));
  EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
  for (const char* bad : {"", "a b", "a:", "a,b", "(a)", "a\t", "\xc3\xa9"}) {
    EXPECT_FALSE(is_token(bad)) << bad;
  }
}

TEST(Text, AHeaderValueHasNoControlBytes) {
  EXPECT_TRUE(is_header_value("a\tb \xc3\xa9"));
  EXPECT_TRUE(is_header_value(""));
  for (const char* bad : {"a\r", "a\nb", "\x01", "\x7f", " a", "a "}) {
    EXPECT_FALSE(is_header_value(bad)) << bad;
  }
}

TEST(Text, ListsAreTrimmedAndHaveNoEmptyParts) {
  EXPECT_THAT(split_list(" a , b,,c,"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_list(" , "), IsEmpty());
}

TEST(Text, QueriesAreEscapedButForUnreservedBytes) {
  EXPECT_EQ(percent_encode("aZ09-._~ /?&=%"), "aZ09-._~%20%2F%3F%26%3D%25");
}

TEST(Text, ACanonicalPathIsTheSameAgain) {
  for (const char* path : {"/", "/a", "/a%20b", "/caf%C3%A9", "/a:b@c;d=e", "/~x"}) {
    EXPECT_EQ(canonical_path(path), path);
  }
  EXPECT_EQ(canonical_path("//"), "/");
  EXPECT_EQ(canonical_path("/a|b"), "/a%7Cb");
}

}  // namespace
}  // namespace apim::compile
