#include "compile/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/compile/support_catalog.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using support::operation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "exact /menu", "template lit(a) {} mixed({}.json) rest", "wildcard /menu", "suffix .json", or the
// error.
std::string shape(const std::string& target) {
  const auto pattern = parse_pattern(target);
  if (!pattern.has_value()) return "error: " + pattern.error();
  switch (pattern->form) {
    case PathPattern::Form::Exact: return "exact " + pattern->text;
    case PathPattern::Form::Wildcard: return "wildcard " + pattern->text;
    case PathPattern::Form::Suffix: return "suffix " + pattern->text;
    case PathPattern::Form::Template: break;
  }
  std::string out = "template";
  for (const PathSegment& segment : pattern->segments) {
    switch (segment.kind) {
      case fbs::SegmentKind::Literal: out += " " + segment.text; break;
      case fbs::SegmentKind::Variable: out += " {}"; break;
      case fbs::SegmentKind::Rest: out += " **"; break;
      case fbs::SegmentKind::Mixed: {
        out += " ";
        for (const char c : segment.text) out += c == '\0' ? std::string("{}") : std::string(1, c);
        break;
      }
    }
  }
  return out;
}

struct Row {
  const char* target;
  const char* shape;
};

class Patterns : public testing::TestWithParam<Row> {};

TEST_P(Patterns, AreLoweredAs) { EXPECT_EQ(shape(GetParam().target), GetParam().shape); }

INSTANTIATE_TEST_SUITE_P(
    Exact, Patterns,
    testing::Values(Row{"/", "exact /"}, Row{"/menu", "exact /menu"}, Row{"/menu/", "exact /menu"},
                    Row{"/menu//", "exact /menu"}, Row{"/a/b/c", "exact /a/b/c"},
                    Row{"/a.b", "exact /a.b"}, Row{"/caf\xc3\xa9", "exact /caf%C3%A9"},
                    Row{"/a b", "exact /a%20b"}, Row{"/%7euser/%2d", "exact /~user/-"},
                    Row{"/%c3%a9", "exact /%C3%A9"}));

INSTANTIATE_TEST_SUITE_P(Wildcards, Patterns,
                         testing::Values(Row{"/*", "wildcard "}, Row{"/menu/*", "wildcard /menu"},
                                         Row{"/menu/*/", "wildcard /menu"},
                                         Row{"/a/b/*", "wildcard /a/b"},
                                         Row{"*.json", "suffix .json"},
                                         Row{"/*.json", "suffix .json"},
                                         Row{"/*.tar.gz", "suffix .tar.gz"}));

INSTANTIATE_TEST_SUITE_P(
    Templates, Patterns,
    testing::Values(Row{"/{id}", "template {}"}, Row{"/order/{id}", "template order {}"},
                    Row{"/order/{id}/", "template order {}"},
                    Row{"/order/{id}/parts/{part}", "template order {} parts {}"},
                    Row{"/{id}.json", "template {}.json"},
                    Row{"/v{major}-{minor}", "template v{}-{}"},
                    Row{"/a%7eb/{x}", "template a~b {}"},
                    Row{"/order/{id}/*", "template order {} **"},
                    Row{"/files/{+path}", "template files **"},
                    Row{"/{order-id}/{order_id}", "template {} {}"}));

constexpr const char* kStar =
    "error: a '*' may only stand alone at the end ('/menu/*') or before an extension ('*.json')";

INSTANTIATE_TEST_SUITE_P(
    Errors, Patterns,
    testing::Values(
        Row{"", "error: does not start with '/'"}, Row{"menu", "error: does not start with '/'"},
        Row{"/a/*/b", kStar}, Row{"/menu*", kStar}, Row{"/{id}/a*", kStar}, Row{"/**", kStar},
        Row{"/a/*.json", kStar},
        Row{"/{+path}/x",
            "error: has '{+path}' before its end; a '*' may only stand alone at the end "
            "('/menu/*') or before an extension ('*.json')"},
        Row{"/{a", "error: has a '{' without '}'"}, Row{"/a}", "error: has a '}' without '{'"},
        Row{"/x/{a}}", "error: has a '}' without '{'"},
        Row{"/{a}{b}", "error: has two variables with nothing between them"},
        Row{"/{}", "error: has a variable '{}' that is not a plain name; write '{name}'"},
        Row{"/{id:[0-9]+}",
            "error: has a variable '{id:[0-9]+}' that is not a plain name; write '{name}'"},
        Row{"/{a,b}", "error: has a variable '{a,b}' that is not a plain name; write '{name}'"},
        Row{"/a?b=c", "error: has a query; only paths can be matched"},
        Row{"/a/{x}?b={y}", "error: has a query; only paths can be matched"},
        Row{"/a{?page}", "error: has a query; only paths can be matched"},
        Row{"/a#b", "error: has a fragment"}, Row{"/a//b", "error: has an empty segment ('//')"},
        Row{"/a//{b}", "error: has an empty segment ('//')"},
        Row{"/a/../b", "error: has a dot segment"}, Row{"/./{b}", "error: has a dot segment"},
        Row{"/%2e%2e/b", "error: has a dot segment"},
        Row{"/a%2fb", "error: has an escaped '/', '\\' or NUL"},
        Row{"/a%5Cb", "error: has an escaped '/', '\\' or NUL"},
        Row{"/a%00b", "error: has an escaped '/', '\\' or NUL"}, Row{"/a\\b", "error: has a '\\'"},
        Row{"/a\nb", "error: has a control byte"},
        Row{"/a%0Ab", "error: has an escaped control byte"},
        Row{"/a%zz", "error: has a '%' that two hexadecimal digits do not follow"},
        Row{"/a%2", "error: has a '%' that two hexadecimal digits do not follow"}));

TEST(Pattern, TooLongOrTooDeepIsRefused) {
  EXPECT_THAT(shape("/" + std::string(3'000, 'a')), HasSubstr("longer than 2048 bytes"));
  std::string deep = "/{a}";
  for (int i = 0; i < 70; ++i) deep += "/b";
  EXPECT_THAT(shape(deep), HasSubstr("more than 64 segments"));
}

class LoweredPaths : public testing::Test {
 protected:
  Paths lower(const std::vector<model::Operation>& operations) {
    Paths paths = lower_paths(operations, findings_);
    EXPECT_THAT(support::lines_of(findings_), IsEmpty());
    return paths;
  }

  static std::vector<uint16_t> order(const std::vector<fbs::WildcardEntry>& entries) {
    std::vector<uint16_t> out;
    for (const fbs::WildcardEntry& entry : entries) out.push_back(entry.operation());
    return out;
  }

  std::vector<Finding> findings_;
};

TEST_F(LoweredPaths, TemplatesStayInTheOrderOfTheFile) {
  const Paths paths =
      lower({operation(model::Verb::Get, "/{a}/b"), operation(model::Verb::Get, "/x"),
             operation(model::Verb::Get, "/a/{b}")});
  ASSERT_EQ(paths.matcher.templates.size(), 2U);
  EXPECT_EQ(paths.matcher.templates[0].operation(), 0);
  EXPECT_EQ(paths.matcher.templates[1].operation(), 2);
}

TEST_F(LoweredPaths, WildcardsAreLongestFirstAndSuffixesLast) {
  const Paths paths =
      lower({operation(model::Verb::Get, "*.json"), operation(model::Verb::Get, "/*"),
             operation(model::Verb::Get, "/aa/*"), operation(model::Verb::Get, "/aa/bb/*"),
             operation(model::Verb::Post, "/bb/*"), operation(model::Verb::Get, "*.tar.gz")});
  EXPECT_THAT(order(paths.matcher.wildcards), ElementsAre(3, 2, 4, 1, 5, 0));
  EXPECT_TRUE(paths.matcher.wildcards.back().is_suffix());
}

TEST_F(LoweredPaths, AnOpenTemplateSaysSo) {
  const Paths paths =
      lower({operation(model::Verb::Get, "/{a}/*"), operation(model::Verb::Get, "/{a}/b")});
  EXPECT_TRUE(paths.matcher.templates[0].is_open());
  EXPECT_FALSE(paths.matcher.templates[1].is_open());
}

TEST_F(LoweredPaths, ExactPathsStandInTheBucketOfTheirHash) {
  std::vector<model::Operation> operations;
  for (int i = 0; i < 100; ++i) {
    operations.push_back(operation(model::Verb::Get, "/path-" + std::to_string(i)));
  }
  operations.push_back(operation(model::Verb::Post, "/path-7/"));
  const Paths paths = lower(operations);
  const Matcher& matcher = paths.matcher;
  const auto buckets = static_cast<uint32_t>(matcher.exact_index.size() - 1);
  EXPECT_EQ(buckets, 128U);
  for (uint32_t i = 0; i < 101; ++i) {
    const uint64_t hash = layout::hash_bytes(paths.targets[i]);
    const uint32_t bucket = layout::bucket_of(hash, buckets);
    bool is_there = false;
    for (uint32_t e = matcher.exact_index[bucket]; e < matcher.exact_index[bucket + 1]; ++e) {
      is_there = is_there || matcher.exact[e].operation() == i;
    }
    EXPECT_TRUE(is_there) << paths.targets[i];
  }
}

TEST_F(LoweredPaths, TheTargetOfAnExactPathIsItsCanonicalText) {
  const Paths paths = lower(
      {operation(model::Verb::Get, "/%7emenu/"), operation(model::Verb::Get, "/order/{id}/")});
  EXPECT_THAT(paths.targets, ElementsAre("/~menu", "/order/{id}/"));
}

TEST(LowerPaths, OneVerbTwiceOnAPathIsAFinding) {
  std::vector<Finding> findings;
  lower_paths({operation(model::Verb::Get, "/menu"), operation(model::Verb::Post, "/menu"),
               operation(model::Verb::Get, "/menu/")},
              findings);
  EXPECT_THAT(support::lines_of(findings),
              ElementsAre("operations[2] (GET /menu/): is declared twice, first as operations[0]"));
}

}  // namespace
}  // namespace apim::compile
