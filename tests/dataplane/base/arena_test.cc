// What the arena promises: aligned, bounded, empty after clear().

#include "base/arena.h"

#include <gtest/gtest.h>

#include <string>

namespace apim {
namespace {

TEST(Arena, KeepsCopiesApartFromTheirSource) {
  Arena arena;
  std::string source = "hello";
  const std::string_view copy = arena.copy(source);
  source = "jello";
  EXPECT_EQ(copy, "hello");
}

TEST(Arena, AlignsAsAsked) {
  Arena arena;
  for (size_t alignment = 1; alignment <= 16; alignment *= 2) {
    arena.allocate(1, 1);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.allocate(3, alignment)) % alignment, 0u);
  }
}

TEST(Arena, GrowsByChunksAndKeepsOldBytes) {
  Arena arena;
  const std::string_view first = arena.copy("first");
  for (int i = 0; i < 100; ++i) ASSERT_NE(arena.allocate(1000), nullptr);
  EXPECT_EQ(first, "first");
}

TEST(Arena, RefusesPastItsCeilingAndRecovers) {
  Arena arena(64 * 1024);
  size_t given = 0;
  while (arena.allocate(1000) != nullptr) given += 1000;
  EXPECT_LE(given, 64u * 1024);
  EXPECT_EQ(arena.copy(std::string(2000, 'x')).data(), nullptr);
  arena.clear();
  EXPECT_NE(arena.allocate(1000), nullptr);
}

TEST(Arena, TakesAPieceLargerThanAChunk) {
  Arena arena;
  char* bytes = static_cast<char*>(arena.allocate(100 * 1024, 16));
  ASSERT_NE(bytes, nullptr);
  std::memset(bytes, 1, 100 * 1024);
}

}  // namespace
}  // namespace apim
