// Password hashes.

#include "store/password.h"

#include <gtest/gtest.h>

namespace apim::store {
namespace {

TEST(Password, OnlyTheRightOneMatches) {
  const std::string hash = hash_password("correct horse").value();
  EXPECT_TRUE(password_matches(hash, "correct horse"));
  EXPECT_FALSE(password_matches(hash, "correct horsf"));
  EXPECT_FALSE(password_matches(hash, ""));
}

TEST(Password, TheHashIsArgon2idWithTheAgreedCost) {
  const std::string hash = hash_password("x").value();
  EXPECT_EQ(hash.rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0), 0u) << hash;
  EXPECT_NE(hash, hash_password("x").value()) << "a salt makes two hashes differ";
}

TEST(Password, NobodyHasNoPassword) {
  EXPECT_FALSE(password_matches("", ""));
  EXPECT_FALSE(password_matches("", "anything"));
  EXPECT_FALSE(password_matches("no hash at all", "anything"));
}

TEST(Password, AnOlderCostAsksForANewHash) {
  EXPECT_FALSE(needs_rehash(hash_password("x").value()));
  EXPECT_TRUE(
      needs_rehash("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
                   "kYnYbGsBf8m0l7fKX3yBmuKIhqjz2UVVrYyJcYVOzoA"));
  EXPECT_TRUE(needs_rehash("plain"));
}

}  // namespace
}  // namespace apim::store
