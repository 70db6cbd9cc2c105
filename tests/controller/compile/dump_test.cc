#include "compile/dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "compile/dump_entry.h"
#include "compile/loaded.h"
#include "controller/compile/support_catalog.h"
#include "controller/compile/support_showcase.h"

namespace apim::compile {
namespace {

using support::Files;
using support::kNow;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Compares with tests/golden/NAME; APIM_GOLDEN=write writes it anew, for a person to read the difference.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(APIM_SOURCE_DIR) + "/tests/golden/" + name;
  const char* mode = std::getenv("APIM_GOLDEN");
  if (mode != nullptr && std::string(mode) == "write") std::ofstream(path) << text;
  std::ifstream file(path);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(text, expected.str()) << path;
}

TEST(Golden, TheShowcaseAsText) {
  expect_golden("showcase.dump.txt", to_text(support::dumped(support::showcase())));
}

TEST(Golden, TheShowcaseAsJson) {
  expect_golden("showcase.dump.json", support::dumped(support::showcase()).dump(2) + "\n");
}

TEST(Golden, TheShowcasesReport) {
  expect_golden("showcase.report.txt",
                to_text(compile(support::showcase(), {.now_s = kNow}).report));
}

// The bytes themselves are part of the format's promise: gateways share segments by name.
TEST(Golden, TheShowcasesSegmentNames) {
  std::string names;
  for (const SegmentRef& ref : compile(support::showcase(), {.now_s = kNow}).content.segments) {
    names += name_of(ref) + " " + to_hex(ref.digest) + " " + std::to_string(ref.bytes) + "\n";
  }
  expect_golden("showcase.segments.txt", names);
}

class Broken : public testing::Test {
 protected:
  Broken() : compiled_(compile(support::showcase(), {.now_s = kNow})) { files_.add(compiled_); }

  // The reader with one segment's bytes replaced.
  SegmentReader with(size_t index, const std::string& bytes) {
    return [this, index, bytes](const SegmentRef& ref) {
      return ref.digest == compiled_.content.segments[index].digest ? bytes : files_.reader()(ref);
    };
  }

  Compiled compiled_;
  Files files_;
};

TEST_F(Broken, NothingIsFoundWhenNothingIs) {
  EXPECT_THAT(verify_segments(compiled_.content, files_.reader()), IsEmpty());
}

TEST_F(Broken, AMissingSegmentIsNamed) {
  EXPECT_THAT(verify_segments(compiled_.content, with(1, "")),
              ElementsAre(testing::AllOf(HasSubstr("segment apis/0"), HasSubstr("is missing"))));
  EXPECT_THAT(dump(compiled_.content, with(1, "")).error(), HasSubstr("is missing"));
}

TEST_F(Broken, AFlippedByteIsNamed) {
  std::string bytes = files_.reader()(compiled_.content.segments[2]);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  EXPECT_THAT(verify_segments(compiled_.content, with(2, bytes)),
              ElementsAre(HasSubstr("segment limits/0")));
}

TEST_F(Broken, ATruncationIsNamed) {
  EXPECT_THAT(verify_segments(compiled_.content, with(0, "APIM")),
              ElementsAre(HasSubstr("has 4 bytes, the manifest says")));
}

TEST(LimitText, ReadsLikeASentence) {
  const fbs::Limit one(5, 1, fbs::TimeUnit::Minute, fbs::QuotaKind::Requests);
  const fbs::Limit many(5, 3, fbs::TimeUnit::Hour, fbs::QuotaKind::Requests);
  EXPECT_EQ(limit_text(&one), "5 requests per minute");
  EXPECT_EQ(limit_text(&many), "5 requests per 3 hours");
  EXPECT_EQ(limit_text(nullptr), "unlimited");
}

// ---- differences

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
              ElementsAre("~ application app10 of alice@carbon.super",
                          "+ deny addresses 192.0.2.7", "- deny addresses 192.0.2.7 - 192.0.2.15",
                          "~ policy subscription Gold", "~ segment consumers/0",
                          "~ segment limits/0"));
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
