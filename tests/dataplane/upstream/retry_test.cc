// What the retry rule promises: nothing with an effect is sent twice.

#include "upstream/retry.h"

#include <gtest/gtest.h>

namespace apim::upstream {
namespace {

constexpr Attempt kStale{.method = http::Method::Get,
                         .fault = FaultCode::BackendClosed,
                         .was_sent = true,
                         .body_begun = false,
                         .nothing_came = true,
                         .was_reused = true};

TEST(Retry, AStaleConnectionIsRepeated) { EXPECT_TRUE(may_repeat(kStale)); }

TEST(Retry, AnyDoubtForbidsTheRepetition) {
  Attempt attempt = kStale;
  attempt.method = http::Method::Post;
  EXPECT_FALSE(may_repeat(attempt));
  attempt = kStale;
  attempt.nothing_came = false;
  EXPECT_FALSE(may_repeat(attempt));
  attempt = kStale;
  attempt.body_begun = true;
  EXPECT_FALSE(may_repeat(attempt));
  attempt = kStale;
  attempt.was_reused = false;
  EXPECT_FALSE(may_repeat(attempt));
  attempt = kStale;
  attempt.fault = FaultCode::BackendTimeout;
  EXPECT_FALSE(may_repeat(attempt));
}

TEST(RetryBudget, RepeatsAreAFifthOfTheLoad) {
  RetryBudget budget;
  while (budget.spend()) {
  }
  uint32_t repeats = 0;
  for (int i = 0; i < 1000; ++i) {
    budget.earn();
    repeats += budget.spend();
  }
  EXPECT_EQ(repeats, 200U);
}

TEST(RetryBudget, ALongCalmDoesNotPayForAStorm) {
  RetryBudget budget;
  for (int i = 0; i < 100'000; ++i) budget.earn();
  uint32_t repeats = 0;
  while (budget.spend()) ++repeats;
  EXPECT_LE(repeats, 100U);
}

TEST(Retry, WhatWasNeverSentMayGoAnywhere) {
  EXPECT_TRUE(may_go_elsewhere(
      {.method = http::Method::Post, .fault = FaultCode::BackendRefused, .was_sent = false}));
  EXPECT_FALSE(may_go_elsewhere(
      {.method = http::Method::Post, .fault = FaultCode::BackendTimeout, .was_sent = true}));
  EXPECT_TRUE(may_go_elsewhere(
      {.method = http::Method::Get, .fault = FaultCode::BackendTimeout, .was_sent = true}));
  EXPECT_FALSE(may_go_elsewhere({.method = http::Method::Put,
                                 .fault = FaultCode::BackendClosed,
                                 .was_sent = true,
                                 .body_begun = true}));
}

}  // namespace
}  // namespace apim::upstream
