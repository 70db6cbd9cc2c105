// What base64 promises: RFC 4648's vectors, and one text only for each value.

#include "crypto/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace apim::crypto {
namespace {

std::string decoded(std::string_view text) {
  const auto bytes = decode_base64(text);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "(refused)";
}

TEST(Base64, ReadsTheRfcsVectors) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("Zg=="), "f");
  EXPECT_EQ(decoded("Zm8="), "fo");
  EXPECT_EQ(decoded("Zm9v"), "foo");
  EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
  EXPECT_EQ(decoded("+/+/"), "\xfb\xff\xbf");
}

TEST(Base64, RefusesEverythingElse) {
  for (const auto* text :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm 9v", "Zm-_", "=Zm9", "Zm=v"}) {
    EXPECT_EQ(decoded(text), "(refused)") << text;
  }
}

}  // namespace
}  // namespace apim::crypto
