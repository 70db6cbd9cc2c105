#include "compile/synthetic.h"

#include <gtest/gtest.h>

#include "compile/compile.h"
#include "compile/segment.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

TEST(Synthetic, ItCompilesWithoutFindings) {
  const model::Catalog catalog =
      synthetic_catalog({.apis = 50, .operations_per_api = 25, .applications = 60, .keys = 500});
  const Compiled compiled = compile(catalog, {});
  EXPECT_EQ(to_text(compiled.report), "");
  EXPECT_EQ(catalog.apis.size(), 50U);
  EXPECT_EQ(catalog.apis.at(7).api.operations.size(), 25U);
}

TEST(Synthetic, KeyNumbersLeadToTheirApplication) {
  const model::Catalog catalog = synthetic_catalog({.apis = 1, .applications = 3, .keys = 10});
  const model::ApiKey& key = catalog.keys.at(2)[1];
  EXPECT_EQ(key.digest, sha256(synthetic_key(4)));
}

TEST(Synthetic, EvenWorkIsTheSameForEveryCall) {
  const SyntheticSize size{.apis = 3,
                           .applications = 20,
                           .keys = 20,
                           .subscriptions_per_application = 1,
                           .even = EvenWork{.limit_per_minute = 600}};
  const model::Catalog catalog = synthetic_catalog(size);
  EXPECT_EQ(to_text(compile(catalog, {}).report), "");
  for (const model::Operation& operation : catalog.apis.at(2).api.operations) {
    EXPECT_EQ(operation.throttling_policy, "Even");
    EXPECT_TRUE(operation.scopes.empty());
    EXPECT_TRUE(operation.verb == model::Verb::Get || operation.verb == model::Verb::Post);
  }
  EXPECT_EQ(catalog.applications.at(4).throttling_policy, "Even");
  EXPECT_EQ(catalog.subscriptions.at(4).front().throttling_policy, "Even");
  EXPECT_EQ(catalog.keys.at(8).front().type, model::KeyType::Production);
}

TEST(Synthetic, OpenWorkAsksForNoCredential) {
  const model::Catalog catalog =
      synthetic_catalog({.apis = 1, .even = EvenWork{.is_open = true, .limit_per_minute = 0}});
  EXPECT_EQ(to_text(compile(catalog, {}).report), "");
  for (const model::Operation& operation : catalog.apis.at(1).api.operations) {
    EXPECT_EQ(operation.auth, model::AuthType::None);
    EXPECT_EQ(operation.throttling_policy, "Unlimited");
  }
}

TEST(Synthetic, AGrantNamesASubscribedApi) {
  const SyntheticSize size{.apis = 3, .applications = 7, .keys = 30};
  const model::Catalog catalog = synthetic_catalog(size);
  for (uint32_t n = 0; n < size.keys; ++n) {
    const SyntheticGrant grant = synthetic_grant(n, size);
    const uint32_t application = n % size.applications + 1;
    EXPECT_EQ(grant.api_id, catalog.subscriptions.at(application).front().api_id);
  }
}

}  // namespace
}  // namespace apim::compile
