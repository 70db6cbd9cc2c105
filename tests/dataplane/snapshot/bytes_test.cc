// What Bytes promise: aligned private memory of any size.

#include "snapshot/bytes.h"

#include <gtest/gtest.h>

#include "schemas/layout.h"

namespace apim::snapshot {
namespace {

TEST(Bytes, AreAlignedForAPayload) {
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{100'000}}) {
    Bytes bytes(size);
    EXPECT_EQ(bytes.size(), size);
    EXPECT_EQ(bytes.view().size(), size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % layout::kPayloadAlignment, 0U);
    if (size > 0) bytes.data()[size - 1] = 1;
  }
}

TEST(Bytes, NoneAreEmpty) { EXPECT_TRUE(Bytes().view().empty()); }

}  // namespace
}  // namespace apim::snapshot
