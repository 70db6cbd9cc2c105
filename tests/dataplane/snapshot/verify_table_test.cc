// What the shared checks promise: bucketed tables, ranges and texts are held to their rules.

#include "snapshot/verify_table.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace apim::snapshot {
namespace {

bool buckets_are_good(const std::vector<uint32_t>& index, const std::vector<uint64_t>& hashes) {
  flatbuffers::FlatBufferBuilder builder;
  const auto* stored = flatbuffers::GetTemporaryPointer(builder, builder.CreateVector(index));
  return check_buckets(*stored, static_cast<uint32_t>(hashes.size()),
                       [&](uint32_t i) { return hashes[i]; })
      .has_value();
}

TEST(VerifyTable, Buckets) {
  constexpr uint64_t kHalf = 1ULL << 63;
  EXPECT_TRUE(buckets_are_good({0, 0}, {}));
  EXPECT_TRUE(buckets_are_good({0, 1}, {5}));
  EXPECT_TRUE(buckets_are_good({0, 1, 2}, {5, kHalf}));
  EXPECT_TRUE(buckets_are_good({0, 2, 2}, {5, 6}));
  EXPECT_FALSE(buckets_are_good({0}, {}));
  EXPECT_FALSE(buckets_are_good({0, 2}, {5, 6})) << "two entries need two buckets";
  EXPECT_FALSE(buckets_are_good({0, 0, 2}, {5, kHalf})) << "the wrong bucket";
  EXPECT_FALSE(buckets_are_good({0, 2, 2}, {6, 5})) << "not sorted";
  EXPECT_FALSE(buckets_are_good({0, 3, 2}, {5, 6})) << "runs backwards";
  EXPECT_FALSE(buckets_are_good({1, 2, 2}, {5, 6})) << "begins late";
  EXPECT_FALSE(buckets_are_good({0, 2, 1}, {5, 6})) << "ends early";
}

TEST(VerifyTable, Texts) {
  EXPECT_TRUE(is_token("X-A_1"));
  for (const auto* text : {"", "a b", "a:b", "a\r", "\xc3\xa4"})
    EXPECT_FALSE(is_token(text)) << text;
  EXPECT_TRUE(is_field_value("a b\tc \xc3\xa4"));
  for (const auto* text : {"a\rb", "a\nb", "\x7f", "\x01"})
    EXPECT_FALSE(is_field_value(text)) << text;
  EXPECT_FALSE(is_field_value(std::string_view("a\0b", 3)));
  EXPECT_TRUE(is_visible("a/b?c"));
  EXPECT_FALSE(is_visible("a b"));
  EXPECT_TRUE(has_upper_case("aB"));
  EXPECT_FALSE(has_upper_case("ab-1"));
}

TEST(VerifyTable, ElementsMustBeAligned) {
  alignas(8) std::array<uint32_t, 6> words{};
  words[0] = words[1] = 1;  // A vector of one element, whichever word it begins at.
  const auto vector_at = [&](size_t word) -> const flatbuffers::Vector<uint64_t>& {
    return *reinterpret_cast<const flatbuffers::Vector<uint64_t>*>(&words[word]);
  };
  EXPECT_FALSE(check_aligned(vector_at(0)));
  EXPECT_TRUE(check_aligned(vector_at(1)));
}

TEST(VerifyTable, ARangeMustNotEndBeforeItBegins) {
  EXPECT_TRUE(check_range({0, 1, 0, 1}));
  EXPECT_TRUE(check_range({0, 9, 1, 0}));
  EXPECT_FALSE(check_range({0, 2, 0, 1}));
  EXPECT_FALSE(check_range({1, 0, 0, 9}));
}

}  // namespace
}  // namespace apim::snapshot
