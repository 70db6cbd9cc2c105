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

}  // namespace
}  // namespace apim::compile
