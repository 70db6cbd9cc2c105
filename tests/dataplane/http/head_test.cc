// What heads promise: fields are found by name in any case.

#include "http/head.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace apim::http {
namespace {

TEST(Head, FindsTheFirstFieldOfANameInAnyCase) {
  std::array<Field, 3> fields{{{.name = "Api-Key", .value = "1"},
                               {.name = "API-KEY", .value = "2"},
                               {.name = "X", .value = "3"}}};
  RequestHead head;
  head.fields = fields;
  ASSERT_NE(head.find_or_null("api-key"), nullptr);
  EXPECT_EQ(head.find_or_null("api-key")->value, "1");
  EXPECT_EQ(head.find_or_null("api"), nullptr);
  EXPECT_EQ(head.find(FieldId::Host), nullptr);
}

TEST(Head, CaseIsIgnoredForLettersOnly) {
  EXPECT_TRUE(equals_ignoring_case("ABC-z", "abc-z"));
  EXPECT_FALSE(equals_ignoring_case("abc", "abcd"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

// Texts are compared by words: every byte against every other, at each place of each length.
TEST(Head, NoByteIsTakenForAnother) {
  for (size_t size = 1; size <= 19; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, 'Q');
      std::string lower(size, 'q');
      for (unsigned theirs = 0; theirs < 256; ++theirs) {
        text[at] = static_cast<char>(theirs);
        const unsigned folded = theirs >= 'A' && theirs <= 'Z' ? theirs + 32 : theirs;
        for (const unsigned ours : {folded, theirs ^ 0x20, theirs ^ 0x80, (theirs + 1) & 0xff}) {
          lower[at] = static_cast<char>(ours);
          ASSERT_EQ(equals_ignoring_case(text, lower), ours == folded)
              << theirs << " " << ours << " at " << at << " of " << size;
        }
      }
    }
  }
}

}  // namespace
}  // namespace apim::http
