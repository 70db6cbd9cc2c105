// What methods promise: eight, exact, and which may be sent twice.

#include "http/method.h"

#include <gtest/gtest.h>

namespace apim::http {
namespace {

TEST(Method, TextAndBack) {
  for (const Method method : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete,
                              Method::Patch, Method::Options, Method::Trace}) {
    EXPECT_EQ(parse_method(to_text(method)), method);
  }
  for (const char* text : {"", "get", "GETX", "GE", "CONNECT", "PRI"})
    EXPECT_FALSE(parse_method(text)) << text;
}

TEST(Method, PostAndPatchAreNotIdempotent) {
  EXPECT_TRUE(is_idempotent(Method::Get));
  EXPECT_TRUE(is_idempotent(Method::Put));
  EXPECT_TRUE(is_idempotent(Method::Delete));
  EXPECT_FALSE(is_idempotent(Method::Post));
  EXPECT_FALSE(is_idempotent(Method::Patch));
}

}  // namespace
}  // namespace apim::http
