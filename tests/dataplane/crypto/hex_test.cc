// What hex promises: there and back, lower case only.

#include "crypto/hex.h"

#include <gtest/gtest.h>

namespace apim::crypto {
namespace {

TEST(Hex, GoesThereAndBack) {
  std::vector<uint8_t> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<uint8_t>(byte));
  EXPECT_EQ(parse_hex(to_hex(bytes)), bytes);
  EXPECT_EQ(to_hex(std::vector<uint8_t>{0x0a, 0xf0}), "0af0");
}

TEST(Hex, RefusesWhatIsNotLowerCaseHexadecimal) {
  for (const auto* text : {"a", "AB", "0g", " 00", "0x"}) EXPECT_FALSE(parse_hex(text)) << text;
}

}  // namespace
}  // namespace apim::crypto
