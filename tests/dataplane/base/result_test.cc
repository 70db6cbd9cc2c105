// What faults promise: WSO2's codes, and a name that is found again.

#include "base/result.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace apim {
namespace {

TEST(Fault, CarriesTheTextsOfItsRow) {
  const FaultText& text = text_of(FaultCode::KeyUnknown);
  EXPECT_EQ(text.name, "KeyUnknown");
  EXPECT_EQ(text.http_status, 401);
  EXPECT_EQ(text.code, 900901u);
  const Fault refused = fault(FaultCode::BackendRefused, "connect");
  EXPECT_EQ(refused.blame, Blame::Upstream);
  EXPECT_FALSE(refused.retryable);
}

TEST(Fault, EveryRowHasItsOwnNameAndAnErrorStatus) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < static_cast<size_t>(FaultCode::kCount); ++i) {
    const FaultText& text = text_of(static_cast<FaultCode>(i));
    EXPECT_TRUE(names.insert(text.name).second) << text.name;
    EXPECT_GE(text.http_status, 400) << text.name;
    EXPECT_LT(text.http_status, 600) << text.name;
  }
}

Result<int> half(int number) {
  if (number % 2 != 0) return std::unexpected(fault(FaultCode::BadRequest, "odd"));
  return number / 2;
}

Result<int> quarter(int number) {
  TRY(const int once, half(number));
  TRY(const int twice, half(once));
  return twice;
}

TEST(Result, TryHandsTheFaultUpward) {
  EXPECT_EQ(quarter(8).value(), 2);
  ASSERT_FALSE(quarter(6).has_value());
  EXPECT_EQ(quarter(6).error().code, FaultCode::BadRequest);
}

}  // namespace
}  // namespace apim
