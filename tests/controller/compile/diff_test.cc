#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compile/dump.h"
#include "controller/compile/support_catalog.h"
#include "controller/compile/support_showcase.h"

namespace apim::compile {
namespace {

using support::Files;
using support::kNow;
using testing::ElementsAre;
using testing::IsEmpty;

class Diff : public testing::Test {
 protected:
  std::vector<std::string> after(void (*change)(model::Catalog& catalog)) {
    const Compiled before = compile(catalog_, {.now_s = kNow});
    change(catalog_);
    const Compiled now = compile(catalog_, {.now_s = kNow});
    Files files;
    files.add(before);
    files.add(now);
    const auto differences = diff(before.content, now.content, files.reader());
    EXPECT_TRUE(differences.has_value());
    std::vector<std::string> lines;
    for (const Difference& difference : *differences) {
      constexpr const char* kMarks[] = {"+", "-", "~"};
      lines.push_back(kMarks[static_cast<size_t>(difference.change)] + (" " + difference.kind) +
                      " " + difference.name);
    }
    return lines;
  }

  model::Catalog catalog_ = support::showcase();
};

TEST_F(Diff, OfTheSameIsNothing) {
  EXPECT_THAT(after([](model::Catalog&) {}), IsEmpty());
}

TEST_F(Diff, NamesAChangedApi) {
  EXPECT_THAT(after([](model::Catalog& c) { c.apis[1].revision_number = 4; }),
              ElementsAre("~ api orders 1.0.0", "~ segment apis/0"));
}

TEST_F(Diff, NamesARemovedApiAndItsRoutes) {
  EXPECT_THAT(after([](model::Catalog& c) { c.apis.erase(2); }),
              ElementsAre("- api stock 2.1", "- route localhost/shop/2.1/stock", "~ segment apis/0",
                          "~ segment routes/0"));
}

TEST_F(Diff, NamesKeysByTheirDigest) {
  EXPECT_THAT(after([](model::Catalog& c) { c.keys[10].push_back(support::key(10, "new")); }),
              ElementsAre("+ key " + to_hex(sha256("new")).substr(0, 12), "~ segment keys/0"));
}

TEST_F(Diff, NamesPoliciesDeniesAndApplications) {
  EXPECT_THAT(after([](model::Catalog& c) {
                c.policies[1].limit.count = 1;
                c.denies.pop_back();
                c.subscriptions[10].pop_back();
              }),
              ElementsAre("~ application app10 of alice@carbon.super", "+ deny addresses 192.0.2.7",
                          "- deny addresses 192.0.2.7 - 192.0.2.15", "~ policy subscription Gold",
                          "~ segment consumers/0", "~ segment limits/0"));
}

TEST(DiffOfShards, AReshardedKindIsComparedAsAWhole) {
  model::Catalog catalog = support::empty_catalog();
  for (uint32_t id = 1; id <= 32; ++id) catalog.apis[id] = support::pizza(id);
  Files files;
  const Compiled before = compile(catalog, {});
  catalog.apis[33] = support::pizza(33);
  const Compiled now = compile(catalog, {});
  files.add(before);
  files.add(now);
  const auto differences = diff(before.content, now.content, files.reader());
  ASSERT_TRUE(differences.has_value());
  std::vector<std::string> apis;
  for (const Difference& difference : *differences) {
    if (difference.kind == "api") apis.push_back(difference.name);
  }
  EXPECT_THAT(apis, ElementsAre("pizza33 1.0.0"));
}

}  // namespace
}  // namespace apim::compile
