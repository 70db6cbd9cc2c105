// What Ed25519 promises: RFC 8032's vectors pass, anything else fails.

#include "crypto/ed25519.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "crypto/hex.h"

namespace apim::crypto {
namespace {

// RFC 8032 7.1, test 2.
struct Vector {
  Ed25519PublicKey key{};
  std::vector<uint8_t> message{0x72};
  std::vector<uint8_t> signature = *parse_hex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
      "1d8c387b2eaeb4302aeeb00d291612bb0c00");
  Vector() {
    std::ranges::copy(
        *parse_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
        key.begin());
  }
};

TEST(Ed25519, AcceptsTheRfcsVector) {
  const Vector vector;
  EXPECT_TRUE(verify_ed25519(vector.key, vector.message, vector.signature));
}

TEST(Ed25519, RefusesEveryFlippedBit) {
  Vector vector;
  for (size_t bit = 0; bit < vector.signature.size() * 8; ++bit) {
    vector.signature[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    EXPECT_FALSE(verify_ed25519(vector.key, vector.message, vector.signature)) << bit;
    vector.signature[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
  }
  vector.message[0] ^= 1;
  EXPECT_FALSE(verify_ed25519(vector.key, vector.message, vector.signature));
}

TEST(Ed25519, RefusesSignaturesOfOtherSizes) {
  Vector vector;
  vector.signature.push_back(0);
  EXPECT_FALSE(verify_ed25519(vector.key, vector.message, vector.signature));
  vector.signature.resize(63);
  EXPECT_FALSE(verify_ed25519(vector.key, vector.message, vector.signature));
  vector.signature.clear();
  EXPECT_FALSE(verify_ed25519(vector.key, vector.message, vector.signature));
}

TEST(Ed25519, ReadsAPublicKeysText) {
  const std::string text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  const auto key = parse_ed25519_public_key(text + "\n");
  ASSERT_TRUE(key);
  EXPECT_EQ((*key)[31], 31);
  for (const std::string& bad : {std::string(), std::string("\n"), text.substr(4), text + text,
                                 std::string("not base64!")}) {
    EXPECT_FALSE(parse_ed25519_public_key(bad)) << bad;
  }
}

}  // namespace
}  // namespace apim::crypto
