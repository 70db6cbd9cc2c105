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

// Compares with tests/golden/NAME; APIM_GOLDEN=write writes it anew, for a person to read the
// difference.
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

}  // namespace
}  // namespace apim::compile
