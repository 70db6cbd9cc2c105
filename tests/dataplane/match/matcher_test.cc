// What the matcher promises: WSO2's precedence, per method, on paths without trailing slashes.

#include "match/matcher.h"

#include "match/match.h"
#include "support/world.h"

namespace apim::match {
namespace {

using model::Verb;
using test::make_image;
using test::operation;

// One API with the operations as declared; answers which target a GET of a path reaches.
class Api {
 public:
  explicit Api(std::vector<model::Operation> operations) {
    test::World world;
    world.add_api(1, "a", std::move(operations));
    image_ = make_image(world.catalog);
    api_ = image_->find_api(1);
  }

  std::string target_of(std::string_view path, fbs::Method method = fbs::Method::Get) const {
    const fbs::Operation* found = find_operation(*api_, method, path);
    return found == nullptr ? "-" : found->target()->str();
  }
  uint8_t methods(std::string_view path) const { return methods_on(*api_, path); }

 private:
  std::shared_ptr<const snapshot::Image> image_;
  const fbs::Api* api_ = nullptr;
};

TEST(Matcher, ExactThenTemplateThenLongestWildcardThenSuffix) {
  const Api api({operation(Verb::Get, "*.json"), operation(Verb::Get, "/*"),
                 operation(Verb::Get, "/a/*"), operation(Verb::Get, "/a/b/*"),
                 operation(Verb::Get, "/a/{x}"), operation(Verb::Get, "/a/me")});
  EXPECT_EQ(api.target_of("/a/me"), "/a/me");
  EXPECT_EQ(api.target_of("/a/you"), "/a/{x}");
  EXPECT_EQ(api.target_of("/a/b"), "/a/{x}");
  EXPECT_EQ(api.target_of("/a/b/c"), "/a/b/*");
  EXPECT_EQ(api.target_of("/a/c/d"), "/a/*");
  EXPECT_EQ(api.target_of("/a"), "/a/*");
  EXPECT_EQ(api.target_of("/ab"), "/*");
  EXPECT_EQ(api.target_of("/"), "/*");
}

TEST(Matcher, ASuffixComesLast) {
  const Api api({operation(Verb::Get, "*.json"), operation(Verb::Get, "/a/*")});
  EXPECT_EQ(api.target_of("/a/x.json"), "/a/*");
  EXPECT_EQ(api.target_of("/b/x.json"), "*.json");
  EXPECT_EQ(api.target_of("/b/x.xml"), "-");
}

TEST(Matcher, TemplatesAreTriedInFileOrder) {
  const Api first({operation(Verb::Get, "/{a}/b"), operation(Verb::Get, "/a/{b}")});
  EXPECT_EQ(first.target_of("/a/b"), "/{a}/b");
  EXPECT_EQ(first.target_of("/a/c"), "/a/{b}");
  const Api second({operation(Verb::Get, "/a/{b}"), operation(Verb::Get, "/{a}/b")});
  EXPECT_EQ(second.target_of("/a/b"), "/a/{b}");
  EXPECT_EQ(second.target_of("/c/b"), "/{a}/b");
}

TEST(Matcher, PrecedenceHoldsForEachMethodApart) {
  const Api api(
      {operation(Verb::Post, "/a/me"), operation(Verb::Get, "/a/{x}"), operation(Verb::Put, "/*")});
  EXPECT_EQ(api.target_of("/a/me", fbs::Method::Post), "/a/me");
  EXPECT_EQ(api.target_of("/a/me", fbs::Method::Get), "/a/{x}");
  EXPECT_EQ(api.target_of("/a/me", fbs::Method::Put), "/*");
  EXPECT_EQ(api.target_of("/a/me", fbs::Method::Delete), "-");
  EXPECT_EQ(api.methods("/a/me"), 1U << 0 | 1U << 2 | 1U << 3);
  EXPECT_EQ(api.methods("/b/c"), 1U << 3);
}

TEST(Matcher, AVariableIsOneSegmentThatIsNotEmpty) {
  const Api api({operation(Verb::Get, "/a/{x}/c")});
  EXPECT_EQ(api.target_of("/a/b/c"), "/a/{x}/c");
  EXPECT_EQ(api.target_of("/a//c"), "-");
  EXPECT_EQ(api.target_of("/a/b/b/c"), "-");
  EXPECT_EQ(api.target_of("/a/b"), "-");
  EXPECT_EQ(api.target_of("/a/b/c/d"), "-");
}

TEST(Matcher, ARestTakesEverythingThatIsLeftAndMayBeEmpty) {
  const Api api({operation(Verb::Get, "/a/{x}/*"), operation(Verb::Get, "/b/{+rest}")});
  EXPECT_EQ(api.target_of("/a/1"), "/a/{x}/*");
  EXPECT_EQ(api.target_of("/a/1/2/3"), "/a/{x}/*");
  EXPECT_EQ(api.target_of("/a"), "-");
  EXPECT_EQ(api.target_of("/b/1/2"), "/b/{+rest}");
  EXPECT_EQ(api.target_of("/b"), "/b/{+rest}");
}

TEST(Matcher, MixedSegments) {
  const Api api(
      {operation(Verb::Get, "/f/{name}.json"), operation(Verb::Get, "/v{major}-{minor}/x")});
  EXPECT_EQ(api.target_of("/f/a.json"), "/f/{name}.json");
  EXPECT_EQ(api.target_of("/f/a.json.json"), "/f/{name}.json");
  EXPECT_EQ(api.target_of("/f/.json"), "-");
  EXPECT_EQ(api.target_of("/v1-2/x"), "/v{major}-{minor}/x");
  EXPECT_EQ(api.target_of("/v1-/x"), "-");
}

TEST(Matcher, MatchesMixedWithSeveralRuns) {
  const auto pattern = [](std::string text) {
    for (char& c : text) c = c == '*' ? '\0' : c;
    return text;
  };
  EXPECT_TRUE(matches_mixed("abc", pattern("a*c")));
  EXPECT_FALSE(matches_mixed("ac", pattern("a*c")));
  EXPECT_TRUE(matches_mixed("a-b-c", pattern("*-c")));
  EXPECT_TRUE(matches_mixed("1-2-3", pattern("*-*")));
  EXPECT_FALSE(matches_mixed("-2", pattern("*-*")));
  EXPECT_FALSE(matches_mixed("", pattern("*")));
  EXPECT_TRUE(matches_mixed("aaab", pattern("*ab")));
  EXPECT_FALSE(matches_mixed("aaab", pattern("*aab*")));
}

// The table by a reference that shares no code with the matcher: brute force over the declared
// targets.
TEST(Matcher, AgreesWithABruteForceOverRandomPaths) {
  const std::vector<std::string> targets{"/*",     "/a/*", "/a/b/*",    "/a/{x}",
                                         "/{x}/b", "/a/b", "/{x}/{y}/c"};
  std::vector<model::Operation> operations;
  for (const std::string& target : targets) operations.push_back(operation(Verb::Get, target));
  const Api api(operations);
  const auto split = [](std::string_view path) {
    std::vector<std::string> segments;
    for (size_t at = 1; at < path.size();) {
      const size_t end = std::min(path.find('/', at), path.size());
      segments.emplace_back(path.substr(at, end - at));
      at = end + 1;
    }
    return segments;
  };
  const auto expected = [&](const std::string& path) -> std::string {
    const auto parts = split(path);
    std::string best = "-";
    for (const std::string& target : targets) {
      if (target.find_first_of("{*") == std::string::npos && target == path) return target;
    }
    for (const std::string& target : targets) {
      const auto wanted = split(target);
      if (target.find('{') == std::string::npos || wanted.size() != parts.size()) continue;
      bool same = true;
      for (size_t i = 0; i < parts.size(); ++i)
        same = same && (wanted[i].front() == '{' || wanted[i] == parts[i]);
      if (same) return target;
    }
    for (const std::string& target : targets) {
      if (!target.ends_with("/*")) continue;
      const std::string prefix = target.substr(0, target.size() - 2);
      const bool below = path == prefix || path.starts_with(prefix + "/");
      if (below && (best == "-" || target.size() > best.size())) best = target;
    }
    return best;
  };
  for (uint32_t number = 0; number < 256; ++number) {
    std::string path;
    const uint32_t depth = number % 4;
    for (uint32_t i = 0; i <= depth; ++i)
      path += std::string("/") + "abcd"[number >> (2 + 2 * i) & 3];
    EXPECT_EQ(api.target_of(path), expected(path)) << path;
  }
}

}  // namespace
}  // namespace apim::match
