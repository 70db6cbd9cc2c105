#include "publish/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "controller/publish/support_world.h"
#include "publish/files.h"

namespace apim::publish {
namespace {

using support::must;
using testing::HasSubstr;

TEST(Keys, AreMadeOnceAndReadAgain) {
  const support::TemporaryFolder folder;
  const compile::SigningKey made = must(load_or_make_keys(folder.path("keys")));
  const compile::SigningKey read = must(load_or_make_keys(folder.path("keys")));
  EXPECT_EQ(made.public_key, read.public_key);
  EXPECT_EQ(made.secret, read.secret);
  EXPECT_EQ(must(load_public_key(folder.path("keys/snapshot.pub"))), made.public_key);
  EXPECT_EQ(must(read_file(folder.path("keys/snapshot.pub"))).size(), 45U);
}

TEST(Keys, TheSecretIsPrivate) {
  const support::TemporaryFolder folder;
  must(load_or_make_keys(folder.path()));
  struct stat status {};
  ASSERT_EQ(stat(folder.path("snapshot.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(chmod(folder.path("snapshot.key").c_str(), 0644), 0);
  EXPECT_THAT(load_or_make_keys(folder.path()).error().description, HasSubstr("chmod 600"));
}

TEST(Keys, TwoFoldersHaveTwoKeys) {
  const support::TemporaryFolder folder;
  EXPECT_NE(must(load_or_make_keys(folder.path("a"))).public_key,
            must(load_or_make_keys(folder.path("b"))).public_key);
}

TEST(Keys, ALostPublicHalfIsWrittenAgain) {
  const support::TemporaryFolder folder;
  const compile::SigningKey made = must(load_or_make_keys(folder.path()));
  std::filesystem::remove(folder.path("snapshot.pub"));
  must(load_or_make_keys(folder.path()));
  EXPECT_EQ(must(load_public_key(folder.path("snapshot.pub"))), made.public_key);
}

TEST(Keys, AFileOfSomethingElseIsRefused) {
  const support::TemporaryFolder folder;
  for (const char* text : {"", "AAAA\n", "not base64!"}) {
    std::ofstream(folder.path("snapshot.pub")) << text;
    EXPECT_FALSE(load_public_key(folder.path("snapshot.pub")).has_value()) << text;
  }
}

}  // namespace
}  // namespace apim::publish
