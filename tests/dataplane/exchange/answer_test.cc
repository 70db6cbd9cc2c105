// What answer() promises: WSO2's bodies byte for byte, valid JSON whatever the detail, and the
// first answer stands.

#include "exchange/answer.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "exchange/exchange.h"

namespace apim {
namespace {

std::unique_ptr<Exchange> answered(FaultCode code, std::string_view detail = {},
                                   uint64_t retry_at_s = 0) {
  auto x = std::make_unique<Exchange>();
  x->answer.retry_at_s = retry_at_s;
  answer(*x, fault(code, "test"), detail);
  return x;
}

TEST(Answer, AuthFailuresHaveCodeMessageAndDescription) {
  const auto x = answered(FaultCode::KeyUnknown);
  EXPECT_EQ(x->answer.status, 401);
  EXPECT_EQ(x->answer.content_type, "application/json");
  EXPECT_EQ(
      x->answer.body,
      R"({"code":"900901","message":"Invalid Credentials","description":"Invalid Credentials. )"
      R"(Make sure you have provided the )"
      R"(correct security credentials"})");
}

TEST(Answer, OtherFaultsHaveATypeToo) {
  EXPECT_EQ(
      answered(FaultCode::MethodNotAllowed)->answer.body,
      R"({"code":"405","type":"Status report","message":"Runtime Error","description":"Method )"
      R"(not allowed for given API resource"})");
  EXPECT_EQ(
      answered(FaultCode::BackendRefused)->answer.body,
      R"({"code":"101503","type":"Status report","message":"Runtime Error","description":"Error )"
      R"(connecting to the back end"})");
}

TEST(Answer, AQuotaSaysWhenItOpensAgain) {
  EXPECT_EQ(
      answered(FaultCode::ThrottledApplication, {}, 1'787'392'860)->answer.body,
      R"({"code":"900803","message":"Message throttled out","description":"You have exceeded )"
      R"(your quota .You can access API )"
      R"(after 2026-Aug-22 10:01:00+0000 UTC","nextAccessTime":"2026-Aug-22 10:01:00+0000 UTC"})");
  EXPECT_EQ(
      answered(FaultCode::ThrottledApplicationBurst)->answer.body,
      R"({"code":"900809","message":"Message throttled out","description":"You have exceeded )"
      R"(your application burst limit quota"})");
}

TEST(Answer, ADetailIsEscaped) {
  std::string detail;
  for (int byte = 0; byte < 256; ++byte) detail += static_cast<char>(byte);
  const auto x = answered(FaultCode::ScopeMissing, detail);
  const auto json = nlohmann::json::parse(x->answer.body);
  EXPECT_EQ(json.at("code"), "900910");
  for (const char c : x->answer.body) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(Answer, EveryFaultIsValidJsonWithAStringCode) {
  for (uint16_t code = 0; code < static_cast<uint16_t>(FaultCode::kCount); ++code) {
    const auto x = answered(static_cast<FaultCode>(code), "some \"detail\"", 1'787'392'860);
    const auto json = nlohmann::json::parse(x->answer.body);
    EXPECT_EQ(json.at("code"), std::to_string(text_of(static_cast<FaultCode>(code)).code));
    EXPECT_TRUE(json.at("description").is_string());
  }
}

TEST(Answer, AVeryLongDetailIsCut) {
  const std::string detail(100'000, 'x');
  EXPECT_LT(answered(FaultCode::ScopeMissing, detail)->answer.body.size(), 4096U);
}

TEST(Answer, TheFirstAnswerStands) {
  const auto x = answered(FaultCode::KeyUnknown);
  answer(*x, fault(FaultCode::BackendTimeout, "later"));
  EXPECT_EQ(x->answer.code, FaultCode::KeyUnknown);
  EXPECT_EQ(x->answer.status, 401);
}

TEST(Answer, AFullArenaStillAnswers) {
  auto x = std::make_unique<Exchange>();
  while (x->arena.allocate(64, 1) != nullptr) {
  }
  answer(*x, fault(FaultCode::KeyUnknown, "test"));
  EXPECT_EQ(x->answer.status, 401);
  EXPECT_FALSE(nlohmann::json::parse(x->answer.body).empty());
}

}  // namespace
}  // namespace apim
