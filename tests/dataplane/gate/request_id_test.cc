// What request ids promise: only harmless ones are believed, and made ones never repeat.

#include "gate/request_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace apim::gate {
namespace {

TEST(RequestId, OnlyHarmlessOnesAreBelieved) {
  for (const char* good : {"a", "0f8-a_b.c:d/e+f=@~", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}) {
    EXPECT_TRUE(is_sane_request_id(good)) << good;
  }
  EXPECT_TRUE(is_sane_request_id(std::string(128, 'a')));
  EXPECT_FALSE(is_sane_request_id(std::string(129, 'a')));
  for (const char* bad : {"", "a b", "a\"b", "a\\b", "a,b", "a;b", "\xe4", "a\tb", "{}", "<x>"}) {
    EXPECT_FALSE(is_sane_request_id(bad)) << bad;
  }
}

TEST(RequestId, MadeOnesAreSaneAndDiffer) {
  Arena arena;
  RequestIds first;
  RequestIds second;
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    for (RequestIds* ids : {&first, &second}) {
      const auto id = ids->make(arena);
      ASSERT_EQ(id.size(), 32U);
      ASSERT_TRUE(is_sane_request_id(id));
      ASSERT_TRUE(seen.insert(std::string(id)).second);
    }
    arena.clear();
  }
}

}  // namespace
}  // namespace apim::gate
