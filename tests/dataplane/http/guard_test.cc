// What the guard promises: where a head ends, what it refuses, and the same verdict for any split
// of the bytes.

#include "http/guard.h"

#include <gtest/gtest.h>

#include <vector>

namespace apim::http {
namespace {

constexpr HeadLimits kLimits{.head_bytes = 512, .line_bytes = 128, .field_count = 4};

struct Verdict {
  Guard::Outcome outcome = Guard::Outcome::NeedMore;
  FaultCode code = FaultCode::kCount;
  size_t used = 0;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// Feeds `text` cut at `first` and then in pieces of `step` bytes.
Verdict judge(std::string_view text, size_t first, size_t step,
              Guard::Kind kind = Guard::Kind::Request) {
  Guard guard(kind);
  Verdict verdict;
  size_t size = first;
  while (!text.empty()) {
    const auto scan = guard.scan(text.substr(0, size), kLimits);
    verdict.used += scan.used;
    verdict.outcome = scan.outcome;
    if (scan.outcome == Guard::Outcome::Refused) verdict.code = scan.code;
    if (scan.outcome != Guard::Outcome::NeedMore) return verdict;
    text.remove_prefix(std::min(size, text.size()));
    size = step;
  }
  return verdict;
}

const std::vector<std::string> kGood{
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nA:\r\nB: \r\nC:\t tab \t\r\n\r\n",
    "GET / HTTP/1.1\r\n!#$%&'*+-.^_`|~09azAZ: x\r\n\r\n",
    "GET / HTTP/1.1\r\nA: \x80\xff high bytes are opaque, also after sixteen of them \xe4\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
};

const std::vector<std::string> kBad{
    "\nGET / HTTP/1.1\r\n\r\n",
    "\rGET / HTTP/1.1\r\n\r\n",
    "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    " GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\rX",
    "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n\r\n",
    "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "GET / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
    "GET / HTTP/1.1\r\nX : a\r\n\r\n",
    "GET / HTTP/1.1\r\nX A: a\r\n\r\n",
    "GET / HTTP/1.1\r\n: a\r\n\r\n",
    "GET / HTTP/1.1\r\nNoColon\r\n\r\n",
    "GET / HTTP/1.1\r\nX(: a\r\n\r\n",
    "GET / HTTP/1.1\r\nX\x80: a\r\n\r\n",
    std::string("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", 27),
    "GET / HTTP/1.1\r\nX: a\x01"
    "b\r\n\r\n",
    "GET / HTTP/1.1\r\nX: a\x7f\r\n\r\n",
    "GET / HTTP/1.1\r\nX: a value longer than sixteen bytes\x0b\r\n\r\n",
    "GET /\x80 HTTP/1.1\r\n\r\n",
    "GET\t/ HTTP/1.1\r\n\r\n",
    std::string("GET /\0 HTTP/1.1\r\n\r\n", 20),
};

TEST(Guard, FindsTheEndOfAGoodHeadHoweverItIsSplit) {
  for (const std::string& head : kGood) {
    const std::string text = head + "the next bytes";
    for (size_t first = 1; first <= text.size(); ++first) {
      const Verdict verdict = judge(text, first, 1);
      ASSERT_EQ(verdict.outcome, Guard::Outcome::Complete) << head << " split at " << first;
      ASSERT_EQ(verdict.used, head.size()) << head << " split at " << first;
    }
  }
}

TEST(Guard, RefusesABadHeadHoweverItIsSplit) {
  for (const std::string& head : kBad) {
    const Verdict whole = judge(head, head.size(), 1);
    ASSERT_EQ(whole.outcome, Guard::Outcome::Refused) << head;
    for (size_t first = 1; first <= head.size(); ++first)
      ASSERT_EQ(judge(head, first, 1), whole) << head;
  }
}

TEST(Guard, EveryControlByteIsRefusedInAValueAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_bad = (byte < 0x20 && byte != '\t') || byte == 0x7f;
    for (size_t place = 0; place < 40; ++place) {
      std::string value(40, 'v');
      value[place] = static_cast<char>(byte);
      EXPECT_EQ(is_field_value(value), !is_bad) << byte << " at " << place;
      if (byte == '\r') continue;  // Ends the value; what follows decides.
      const std::string head = "GET / HTTP/1.1\r\nX: " + value + "\r\n\r\n";
      ASSERT_EQ(judge(head, head.size(), 1).outcome == Guard::Outcome::Refused, is_bad)
          << byte << " at " << place;
    }
  }
}

TEST(Guard, TheLimitsHaveTheirOwnCodes) {
  const std::string line = "GET /" + std::string(200, 'a') + " HTTP/1.1\r\n\r\n";
  EXPECT_EQ(judge(line, line.size(), 1).code, FaultCode::TargetTooLong);
  const std::string head = "GET / HTTP/1.1\r\nA: " + std::string(600, 'a') + "\r\n\r\n";
  EXPECT_EQ(judge(head, head.size(), 1).code, FaultCode::HeadTooLarge);
  const std::string fields = "GET / HTTP/1.1\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n\r\n";
  EXPECT_EQ(judge(fields, fields.size(), 1).code, FaultCode::HeadTooLarge);
}

TEST(Guard, ALimitIsNotWaitedForToBeComplete) {
  EXPECT_EQ(judge("GET /" + std::string(200, 'a'), 7, 7).code, FaultCode::TargetTooLong);
  EXPECT_EQ(judge("GET / HTTP/1.1\r\n" + std::string(600, 'n'), 7, 7).code,
            FaultCode::HeadTooLarge);
}

TEST(Guard, CountsFieldsAndSkippedBytes) {
  Guard guard(Guard::Kind::Request);
  const std::string head = "\r\nGET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n";
  EXPECT_EQ(guard.scan(head, kLimits).outcome, Guard::Outcome::Complete);
  EXPECT_EQ(guard.field_count(), 2U);
  EXPECT_EQ(guard.skipped_bytes(), 2U);
  EXPECT_EQ(guard.head_bytes(), head.size());
}

TEST(Guard, AResponseMayHaveHighBytesInItsPhraseButNoLeadingLine) {
  EXPECT_EQ(judge("HTTP/1.1 200 \xe4\xf6\r\n\r\n", 3, 1, Guard::Kind::Response).outcome,
            Guard::Outcome::Complete);
  EXPECT_EQ(judge("\r\nHTTP/1.1 200 OK\r\n\r\n", 3, 1, Guard::Kind::Response).outcome,
            Guard::Outcome::Refused);
  EXPECT_EQ(judge("HTTP/1.1 200 OK\n\r\n", 3, 1, Guard::Kind::Response).outcome,
            Guard::Outcome::Refused);
}

TEST(Guard, TokensAreNeverEmpty) {
  EXPECT_TRUE(is_token("X-A"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
  EXPECT_FALSE(is_token("a:"));
}

}  // namespace
}  // namespace apim::http
